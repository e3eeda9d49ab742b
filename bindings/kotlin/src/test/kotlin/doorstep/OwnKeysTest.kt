package doorstep

import java.nio.file.Path
import java.security.KeyPairGenerator
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import kotlin.io.path.exists
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** How long what hangs is waited for here, milliseconds. */
private const val PATIENCE_MS = 300uL

/** A key as the Android Keystore has one: the JDK's own, whose signatures are DER. */
private class PlatformKey : Signer {
    private val pair = KeyPairGenerator.getInstance("EC").apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()

    /** Called before each signature; may throw or hang. */
    var mood: () -> Unit = {}

    override fun publicKey(): ByteArray {
        val point = (pair.public as ECPublicKey).w
        return byteArrayOf(4) + listOf(point.affineX, point.affineY).map { it.toByteArray().takeLast(32) }
            .flatMap { List(32 - it.size) { 0.toByte() } + it }
    }

    override fun sign(message: ByteArray): ByteArray {
        mood()
        return Signature.getInstance("SHA256withECDSA").apply { initSign(pair.private) }.apply { update(message) }.sign()
    }
}

/** Secrets in memory, for as long as the test. */
private class Secrets : KeyStore {
    val kept = ConcurrentHashMap<String, ByteArray>()
    var mood: () -> Unit = {}

    override fun secret(name: String): ByteArray? = mood().let { kept[name] }

    override fun keep(name: String, secret: ByteArray) {
        kept[name] = secret
    }

    override fun forget(name: String) {
        kept.remove(name)
    }
}

/** A host's own key, key store and clock: they serve, and what they throw and how they hang is said and loses nothing. */
class OwnKeysTest {
    private fun refused(call: suspend () -> Unit): DoorstepException.Host =
        assertThrows<DoorstepException.Host> { runBlocking { call() } }

    private suspend fun open(folder: Path, options: DeviceOptions) = Device.open(folder.resolve("own").toString(), Lang.EN, options)

    @Test
    fun `a key of the platform's enrols and syncs, and while it throws or hangs the work waits`(@TempDir folder: Path) =
        phones(folder) { server, _, _ ->
            val key = PlatformKey()
            val gate = CountDownLatch(1)
            open(folder, DeviceOptions(signer = key, patienceMs = PATIENCE_MS * 10u)).use { phone ->
                phone.enrol(server.invitation("w-ncg-1"), "own key")
                sync(phone)
                phone.report(LEAK)
                key.mood = { throw IllegalStateException("a secret of the host") }
                assertEquals("host_failed", phone.sync().code)
                key.mood = { gate.await() }
                assertEquals("host_timeout", phone.sync().code)
                assertEquals(1uL, phone.pending().waiting)
                gate.countDown()
                key.mood = { throw SignerFailure.NotSigned() }
                assertEquals("key", phone.sync().code)
                key.mood = {}
                assertEquals(1uL, sync(phone).stored)
            }
        }

    @Test
    fun `a key store keeps the secrets, and one that throws or hangs opens nothing`(@TempDir folder: Path) = phones(folder) { server, _, _ ->
        val store = Secrets()
        val options = DeviceOptions(keyStore = store, patienceMs = PATIENCE_MS)
        val me = open(folder, options).use { it.enrol(server.invitation("w-ncg-1"), "own store") }
        assertEquals(setOf("attachment-key", "database-key", "device-key"), store.kept.keys)
        for (name in listOf("key", "attachment-key", "database-key")) assertFalse(folder.resolve("own").resolve(name).exists(), name)
        val gate = CountDownLatch(1)
        for ((mood, code) in listOf<Pair<() -> Unit, String>>({ error("planted") } to "host_failed", { gate.await() } to "host_timeout")) {
            store.mood = mood
            val error = refused { open(folder, options).close() }
            assertEquals(listOf(code, listOf("key_store"), true), listOf(error.code, error.about, error.retry))
        }
        gate.countDown()
        store.mood = { throw KeyStoreFailure.Unavailable() }
        val locked = assertThrows<DoorstepException.Key> { runBlocking { open(folder, options).close() } }
        assertEquals("key" to true, locked.code to locked.retry)
        store.mood = {}
        open(folder, options).use { phone ->
            assertEquals(me, phone.enrolled())
            sync(phone)
        }
    }

    @Test
    fun `a clock dates what is done, and one that throws or hangs is replaced`(@TempDir folder: Path): Unit = runBlocking {
        val then = 1_700_000_000_000
        val gate = CountDownLatch(1)
        var mood: () -> Unit = { gate.await() }
        val clock = object : Clock {
            override fun nowMs(): Long = mood().let { then }
        }
        val options = DeviceOptions(clock = clock, patienceMs = PATIENCE_MS)
        val hung = refused { open(folder, options).close() }
        assertEquals("host_timeout" to listOf("clock"), hung.code to hung.about)
        mood = {}
        open(folder, options).use { phone ->
            assertEquals(then, phone.nowMs())
            mood = { error("planted") }
            assertTrue(phone.nowMs() > then, "the system's clock was asked")
            mood = { gate.await() }
            assertTrue(phone.nowMs() > then, "the system's clock was asked")
        }
        gate.countDown()
    }
}
