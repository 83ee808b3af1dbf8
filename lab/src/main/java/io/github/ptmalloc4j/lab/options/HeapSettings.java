package io.github.ptmalloc4j.lab.options;

import io.github.ptmalloc4j.ptmalloc.Tunables;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * The value of {@code --tunables}.
 *
 * @param text as it was given, in the form of {@code GLIBC_TUNABLES}
 * @param tunables what it says
 */
public record HeapSettings(String text, Tunables tunables) {
    /** Nothing set: glibc's defaults. */
    static final HeapSettings DEFAULT = new HeapSettings("", Tunables.GLIBC);

    /** Reads a value; what is wrong with it is the sentence of {@link Tunables#parse}. */
    public static final class Converter implements ITypeConverter<HeapSettings> {
        @Override
        public HeapSettings convert(String value) {
            try {
                return new HeapSettings(value, Tunables.parse(value));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
