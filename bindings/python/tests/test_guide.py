"""The guide, bindings/README.md: its twenty lines are files that run, and what it names exists.

Swift's lines are run by `swift test`, Kotlin's by `mvn test`; that the guide shows them as they are is looked at here.
"""

import asyncio
import importlib.util
import pathlib
import re
import tempfile
import unittest

import doorstep
from harness import Server

BINDINGS = pathlib.Path(__file__).resolve().parents[2]
GUIDE = BINDINGS / "README.md"
EXAMPLE = BINDINGS / "python" / "examples" / "first_visit.py"
# What the guide shows, by its language; all lie where their language's tests find them.
SHOWN = {
    "python": EXAMPLE,
    "kotlin": BINDINGS / "kotlin" / "src" / "test" / "kotlin" / "doorstep" / "FirstVisit.kt",
    "swift": BINDINGS / "swift" / "Tests" / "DoorstepTests" / "FirstVisit.swift",
}
# Where the names come from that are the project's own.
OURS = [(BINDINGS, "*.rs"), (BINDINGS, "*.kt"), (BINDINGS, "*.swift"), (BINDINGS, "*.py"), (BINDINGS, "*.toml"),
        (BINDINGS.parent / "core" / "src", "*.rs"), (BINDINGS.parent / "server" / "src", "*.rs")]
# Names of the platforms, which are looked up in their manuals and not here.
THEIRS = set("""
    Dispatchers IO Task detached suspend async android process WorkManager PeriodicWorkRequest getForegroundInfo NetworkType UNMETERED
    BGAppRefreshTask BGProcessingTask requiresNetworkConnectivity beginBackgroundTask URLSession
    completeUntilFirstUserAuthentication setIsStrongBoxBacked StrongBoxUnavailableException noBackupFilesDir
    setUserAuthenticationRequired setUnlockedDeviceRequired kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly secp256r1
    SHA256withECDSA SecureEnclave P256 Signing PrivateKey x963Representation derRepresentation dataExtractionRules
    fullBackupContent isExcludedFromBackup adb reverse tcp
""".split())
# What another part of the same work brings: struck out here when it is there.
COMING = {"store_wrong_key"}


def marked(file):
    """The lines between the marks."""
    _, lines, _ = re.split(r"^(?://|#) --- GUIDE\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return lines


class Guide(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().slow_callback_duration = 60  # a server that starts is no news

    async def test_the_lines_of_the_guide_record_a_visit_and_bring_it_to_the_server(self):
        loaded = importlib.util.spec_from_file_location("first_visit", EXAMPLE)
        example = importlib.util.module_from_spec(loaded)
        loaded.loader.exec_module(example)
        with tempfile.TemporaryDirectory(prefix="doorstep-") as name:
            folder = pathlib.Path(name)
            server, phone = Server(folder), str(folder / "phone")
            try:
                report = await example.first_visit(phone, server.invitation("w-ncg-1"))
                self.assertEqual((report.code, report.stored), ("done", 1))
            finally:
                server.kill()
            report = await example.first_visit(phone, "an enrolled phone asks for no invitation")
            self.assertEqual(report.code, "unreachable")
            self.assertEqual((await doorstep.Device.open(phone)).pending().waiting, 1, "the visit waits")

    def test_the_guide_shows_the_files_word_for_word(self):
        guide = GUIDE.read_text(encoding="utf-8")
        for language, file in SHOWN.items():
            lines = marked(file)
            self.assertLessEqual(len(lines.strip().splitlines()), 22, f"{file.name}: twenty lines, two of them blank")
            self.assertIn(f"```{language}\n{lines}```", guide, f"the guide shows something else than {file.name}")
            self.assertIn(f"`{file.relative_to(BINDINGS)}`", guide)

    def test_every_name_in_the_guide_exists(self):
        files = [
            file for folder, form in OURS for file in folder.rglob(form)
            if not {"_generated", "target", pathlib.Path(__file__).name} & set(file.parts)
        ]
        # The files have names too.
        source = "\n".join(file.read_text(encoding="utf-8") + str(file.relative_to(BINDINGS.parent)) for file in files)
        known = set(re.findall(r"\w+", source)) | THEIRS | COMING
        prose = re.sub(r"^```.*?^```|^    .*?$", "", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        named = {name for code in re.findall(r"`([^`]+)`", prose) for name in re.findall(r"[A-Za-z_]\w{2,}", code)}
        self.assertGreater(len(named), 100, "the guide's names were not found")
        self.assertEqual(sorted(named - known), [])


if __name__ == "__main__":
    unittest.main()
