import java.io.FileInputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

/** Validates each file as PDF/A-3u with veraPDF; names every rule that fails. */
class Validate {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        int broken = 0;
        for (String file : files) {
            PDFAFlavour flavour = PDFAFlavour.PDFA_3_U;
            try (var stream = new FileInputStream(file);
                    var parser = Foundries.defaultInstance().createParser(stream, flavour);
                    var validator = Foundries.defaultInstance().createValidator(flavour, false)) {
                var result = validator.validate(parser);
                System.out.printf("%s: %s as PDF/A-3u, %d assertions%n", file,
                        result.isCompliant() ? "compliant" : "NOT COMPLIANT", result.getTotalAssertions());
                for (TestAssertion one : result.getTestAssertions()) {
                    if (one.getStatus() == TestAssertion.Status.FAILED) {
                        System.out.printf("  %s: %s%n", one.getRuleId(), one.getMessage());
                    }
                }
                broken += result.isCompliant() ? 0 : 1;
            }
        }
        System.exit(broken == 0 && files.length > 0 ? 0 : 1);
    }
}
