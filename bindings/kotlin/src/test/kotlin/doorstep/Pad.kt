package doorstep

import java.security.MessageDigest

/** One person at the pad, with ink for a name: a few curves that differ with the name, as a pad would report them. */
fun signing(role: SignerRole, name: String, capacity: String = "", ownKey: Boolean = false) = Signing(
    role = role,
    name = name,
    identity = Identity.KNOWN,
    shownMs = 45_000uL,
    readAloud = true,
    width = 1500u,
    height = 400u,
    strokes = strokes(name),
    capacity = capacity,
    ownKey = ownKey,
)

private fun strokes(name: String): List<List<StrokePoint>> = name.flatMapIndexed { place, character ->
    val seed = MessageDigest.getInstance("SHA-256").digest("$name$place$character".toByteArray()).map { it.toUByte().toInt() }
    (0 until 3).map { stroke ->
        val (a, b, bend) = seed.drop(3 * stroke)
        (0 until 12).map { step ->
            StrokePoint(
                x = 40.0 + 300 * place + a + step * 4,
                y = 40 + b / 2.0 + stroke * 30 + bend / 64.0 * (step - 6) * (step - 6) / 6,
            )
        }
    }
}
