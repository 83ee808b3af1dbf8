package io.github.ptmalloc4j.lab.verify;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.ptmalloc4j.os.Linux;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/** What runs in a child JVM: one claim; its report goes to standard output as JSON. */
public final class ClaimProcess {
    private ClaimProcess() {}

    /**
     * Runs a claim.
     *
     * @param args the name of a class that supplies the claims, and the number of the one to run
     */
    public static void main(String[] args) throws IOException, ReflectiveOperationException {
        int number = Integer.parseInt(args[1]);
        Claim claim = claimsOf(args[0]).stream()
                .filter(c -> c.number() == number)
                .findFirst()
                .orElseThrow();
        // The proofs count pages of 4096 bytes, also where the machine gives huge ones to everybody.
        Linux.KERNEL.allowTransparentHugePages(false);
        ClaimReport report = Evidence.collect(claim);
        System.out.println(new ObjectMapper().writeValueAsString(report));
    }

    private static List<Claim> claimsOf(String className) throws ReflectiveOperationException {
        var source = (Supplier<?>) Class.forName(className).getConstructor().newInstance();
        return ((List<?>) source.get()).stream().map(Claim.class::cast).toList();
    }
}
