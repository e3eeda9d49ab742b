// swift-tools-version: 5.9
import Foundation
import PackageDescription

// Run ./generate first: the Swift interface and the C header under it are not committed.
// Apps link the XCFramework that ./xcframework builds; where there is none, as on Linux and in tests, the built library is
// linked from the directory given with `swift test -Xlinker -L…`.
let framework = "target/doorstepFFI.xcframework"
let bundled = FileManager.default.fileExists(atPath: Context.packageDirectory + "/" + framework)

let package = Package(
    name: "Doorstep",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "Doorstep", targets: ["Doorstep"])],
    targets: [
        bundled
            ? .binaryTarget(name: "doorstepFFI", path: framework)
            : .systemLibrary(name: "doorstepFFI", path: "Sources/doorstepFFI/_generated"),
        .target(
            name: "Doorstep",
            dependencies: ["doorstepFFI"],
            linkerSettings: bundled ? [] : [.linkedLibrary("doorstep")]
        ),
        .testTarget(name: "DoorstepTests", dependencies: ["Doorstep"]),
    ]
)
