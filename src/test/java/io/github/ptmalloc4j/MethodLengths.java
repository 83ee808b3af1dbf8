package io.github.ptmalloc4j;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/** How many lines each method of a Java source takes: counted by braces, outside of comments, strings and characters. */
final class MethodLengths {
    /** The header of a method and its lines, from the one with the opening brace to the one with the closing brace. */
    record Method(String header, int lines) {}

    /** A brace that is open: what stood before it, and on which line. */
    private record Open(String header, int line) {}

    private static final Pattern WITHOUT_MEANING = Pattern.compile(
            "\"\"\".*?\"\"\"|\"(\\\\.|[^\"\\\\\n])*\"|'(\\\\.|[^'\\\\\n])+'|//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);
    private static final Pattern TYPE = Pattern.compile("(^|\\s)(class|interface|enum|record)\\s+\\w+[^=]*");
    private static final Pattern METHOD = Pattern.compile("[^=]*\\w\\s*\\([^=]*\\)[^=()]*");

    private MethodLengths() {}

    static List<Method> of(String source) {
        String code = WITHOUT_MEANING.matcher(source).replaceAll(match -> match.group()
                .replaceAll("[^\n]", ""));
        List<Method> methods = new ArrayList<>();
        Deque<Open> open = new ArrayDeque<>();
        StringBuilder header = new StringBuilder();
        int line = 1;
        for (char c : code.toCharArray()) {
            switch (c) {
                case '{' -> {
                    open.push(new Open(header.toString().strip(), line));
                    header.setLength(0);
                }
                case '}' -> {
                    close(open, line, methods);
                    header.setLength(0);
                }
                case ';' -> header.setLength(0);
                default -> header.append(c);
            }
            line += c == '\n' ? 1 : 0;
        }
        return methods;
    }

    /** A method is what has parameters and stands right inside a type. */
    private static void close(Deque<Open> open, int line, List<Method> methods) {
        Open closed = open.pop();
        boolean inType = !open.isEmpty() && TYPE.matcher(open.peek().header).find();
        boolean type = TYPE.matcher(closed.header).find();
        if (inType && !type && METHOD.matcher(closed.header).matches()) {
            methods.add(new Method(closed.header, line - closed.line + 1));
        }
    }
}
