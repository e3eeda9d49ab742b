package doorstep

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What was generated, as the developer of an app sees it. */
class GeneratedTest {
    private val lines = File(checkNotNull(System.getProperty("doorstep.generated"))).readLines()

    @Test
    fun `every call of a device carries the words of the Rust documentation`() {
        val begin = lines.indexOfFirst { it.startsWith("public interface DeviceInterface") }
        val body = lines.drop(begin + 1).takeWhile { it != "}" }.map { it.trim() }.filter { it.isNotEmpty() }
        val calls = body.indices.filter { Regex("(suspend )?fun `").matchesAt(body[it], 0) }
        assertTrue(calls.size > 50, "only ${calls.size} calls were found")
        assertEquals(emptyList<String>(), calls.filter { body[it - 1] != "*/" }.map { body[it] }, "calls without a word")
        assertTrue(body.any { it == "* Records a visit." }, "the words are those of the Rust documentation")
    }

    @Test
    fun `no exception's text repeats what a worker typed`() {
        val refused = DoorstepException.Refused(code = "elements_missing", sentence = "", about = listOf("王敏"), retry = false)
        assertEquals(listOf("王敏"), refused.about)
        assertEquals(false, "王敏" in refused.toString())
    }

    @Test
    fun `the package has the version of the workspace`() {
        fun version(file: String, form: String) = checkNotNull(Regex(form).find(File(file).readText())) { file }.groupValues[1]
        val workspace = version("../../Cargo.toml", "(?s)\\[workspace\\.package\\].*?\\nversion = \"([^\"]+)\"")
        assertEquals(workspace, version("pom.xml", "<artifactId>doorstep</artifactId>\\s*<version>([^<]+)</version>"))
    }
}
