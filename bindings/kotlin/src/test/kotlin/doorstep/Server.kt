package doorstep

import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit.NANOSECONDS
import java.util.concurrent.TimeUnit.SECONDS

/** A server that needs longer to start on an idle machine has a problem, seconds. */
private const val START_MAX_S = 20L

/** A command of the administrator's that needs longer hangs, seconds. */
private const val ADMIN_MAX_S = 60L

/** The real program with the sample sub-district, in a folder of its own. Knows nothing of phones. */
class Server(private val folder: Path) : AutoCloseable {
    private val program = checkNotNull(System.getProperty("doorstep.program")) { "set doorstep.program" }

    /** Its data folder, as the administrator's commands name it. */
    val data = folder.resolve("data").toString()
    private val log = folder.resolve("server.log").toFile()
    private var process: Process? = null
    private var port = 0

    init {
        val place = folder.resolve("place.toml")
        Files.writeString(place, admin("sample"))
        admin("init", "--data", data, "--from", place.toString())
        start()
    }

    val address: String get() = "http://127.0.0.1:$port"

    /** Starts it, after a kill on the same port: phones know no other. */
    fun start() {
        val portFile = folder.resolve("port").toFile()
        portFile.delete()
        val running = ProcessBuilder(
            program, "serve", "--data", data, "--listen", "127.0.0.1:$port", "--port-file", portFile.path,
        ).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log)).start()
        process = running
        val began = System.nanoTime()
        while (running.isAlive && NANOSECONDS.toSeconds(System.nanoTime() - began) < START_MAX_S) {
            val said = if (portFile.exists()) portFile.readText().trim() else ""
            if (said.isNotEmpty()) {
                port = said.toInt()
                return
            }
            Thread.sleep(20)
        }
        error("the server did not start:\n${log.readText()}")
    }

    /** What the QR code for this person says; it works once. */
    fun invitation(person: String): String {
        val said = admin("enrol", person, "--data", data, "--server", address)
        return checkNotNull(Regex("doorstep://\\S+").find(said)) { said }.value
    }

    /** Ends it as a power cut does. */
    fun kill() {
        process?.destroyForcibly()?.waitFor()
    }

    override fun close() {
        process?.destroy()
        if (process?.waitFor(15, SECONDS) == false) kill()
    }

    /** What `doorstep admin` says to these arguments. */
    fun admin(vararg arguments: String): String {
        val said = File.createTempFile("admin", ".txt", folder.toFile())
        val running = ProcessBuilder(program, "--lang", "en", "admin", *arguments)
            .redirectErrorStream(true).redirectOutput(said).start()
        check(running.waitFor(ADMIN_MAX_S, SECONDS) && running.exitValue() == 0) { "admin ${arguments[0]}: ${said.readText()}" }
        return said.readText()
    }
}
