import Doorstep

/// One person at the pad, with ink for a name: a few curves that differ with the name, as a pad would report them.
func signing(role: SignerRole, name: String, capacity: String = "", ownKey: Bool = false) -> Signing {
    Signing(
        role: role,
        name: name,
        identity: .known,
        shownMs: 45_000,
        readAloud: true,
        width: 1500,
        height: 400,
        strokes: strokes(name),
        capacity: capacity,
        ownKey: ownKey
    )
}

private func strokes(_ name: String) -> [[StrokePoint]] {
    var drawn: [[StrokePoint]] = []
    for (place, character) in name.unicodeScalars.enumerated() {
        for stroke in 0..<3 {
            let seed = Int(character.value) &* (7 + stroke)
            let across = Double(40 + 300 * place + seed % 199)
            let down = Double(40 + seed % 127 + stroke * 30)
            let bend = Double(seed % 251) / 384
            var points: [StrokePoint] = []
            for step in 0..<12 {
                let away = Double(step - 6)
                points.append(StrokePoint(x: across + Double(step) * 4, y: down + bend * away * away))
            }
            drawn.append(points)
        }
    }
    return drawn
}
