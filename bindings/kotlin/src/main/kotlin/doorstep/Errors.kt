package doorstep

/** The permanent code of any kind of error: what an app switches on and what it logs. */
public val DoorstepException.code: String
    get() = when (this) {
        is DoorstepException.Refused -> code
        is DoorstepException.Input -> code
        is DoorstepException.Enrolment -> code
        is DoorstepException.Signing -> code
        is DoorstepException.Network -> code
        is DoorstepException.Storage -> code
        is DoorstepException.Key -> code
        is DoorstepException.Busy -> code
        is DoorstepException.Host -> code
        is DoorstepException.Internal -> code
    }

/** One sentence for the screen, in the device's language. */
public val DoorstepException.sentence: String
    get() = when (this) {
        is DoorstepException.Refused -> sentence
        is DoorstepException.Input -> sentence
        is DoorstepException.Enrolment -> sentence
        is DoorstepException.Signing -> sentence
        is DoorstepException.Network -> sentence
        is DoorstepException.Storage -> sentence
        is DoorstepException.Key -> sentence
        is DoorstepException.Busy -> sentence
        is DoorstepException.Host -> sentence
        is DoorstepException.Internal -> sentence
    }

/** Whether the same call may succeed later as it is: after a while, with a network, with the key unlocked. */
public val DoorstepException.retry: Boolean
    get() = when (this) {
        is DoorstepException.Refused -> retry
        is DoorstepException.Input -> retry
        is DoorstepException.Enrolment -> retry
        is DoorstepException.Signing -> retry
        is DoorstepException.Network -> retry
        is DoorstepException.Storage -> retry
        is DoorstepException.Key -> retry
        is DoorstepException.Busy -> retry
        is DoorstepException.Host -> retry
        is DoorstepException.Internal -> retry
    }
