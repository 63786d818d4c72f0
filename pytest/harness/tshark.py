# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs one Wireshark's command-line tools, unprivileged, with the plugins of one build.

    ws.rows(capture, ["ip.src", "discard.len"], "discard")                      one pass
    ws.rows(capture, [...], "discard", two_pass=True)                           -2
    ws.count(capture, "discard", prefs={"discard.tcp.port": 9999}, keylog=path)
    with ws.sharkd() as sharkd:                                                 one process, many files
        sharkd.load(first)
        sharkd.load(second)
        sharkd.rows(["discard.len"], "discard")                                 re-dissected, as in the GUI
    for packet in ws.pdml(capture): ...
    ws.subset("discard", "hkp").count(...)                                      only these plugins
"""

import atexit
import fcntl
import functools
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree
from pathlib import Path

from harness import preforked

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("GAPFILL_BUILD", TOP / "build")).resolve()
ROOTS = TOP / "build" / "roots"
SHARED = (TOP.parent / "shared" / "captures").resolve()
SERIES = ("4.0", "4.4", "4.6")
FIELD_END = "\x1f"
# The tools that load plugins; others, such as mergecap, may hang at their end under libasan.
DISSECTING = ("tshark", "sharkd", "rawshark", "wireshark")
SANITIZER_REPORT = re.compile(rb"ERROR: AddressSanitizer|runtime error: |ERROR: LeakSanitizer|AddressSanitizer:DEADLYSIGNAL")


def _host_series():
    try:
        out = subprocess.run(["/usr/bin/tshark", "--version"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        return None
    return ".".join(out.split("(Wireshark) ", 1)[1].split(".")[:2]) if "(Wireshark) " in out else None


HOST_SERIES = _host_series()
_scratch = Path(tempfile.mkdtemp(prefix="gapfill-"))
_scratch.chmod(0o755)
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)


@functools.cache
def _has_user_namespaces():
    """Whether bubblewrap works here; in some containers it does not."""
    try:
        return subprocess.run(["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-user",
                               "--uid", "1000", "--gid", "1000", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@functools.cache
def _home(plugin_dir):
    """A home whose personal plugin folder is plugin_dir, so that Wireshark's own plugins are there as well."""
    home = Path(tempfile.mkdtemp(prefix="home-", dir=_scratch))
    home.chmod(0o755)
    if plugin_dir:
        folder = home / ".local/lib/wireshark"
        folder.mkdir(parents=True)
        (folder / "plugins").symlink_to(plugin_dir)
    return home


def _state_of_plugins(plugin_dir):
    return tuple((so.name, so.stat().st_mtime_ns) for so in sorted(plugin_dir.glob("*/epan/*.so"))) if plugin_dir else ()


@functools.cache
def _is_sanitized(plugin_dir):
    """Whether any of the plugins was built with -DGAPFILL_SANITIZE=ON."""
    return bool(plugin_dir) and any(b"__asan_init" in so.read_bytes() for so in plugin_dir.glob("*/epan/*.so"))


@functools.cache
def _sanitizer_environment():
    libasan = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True).stdout.strip()
    return {"LD_PRELOAD": os.path.realpath(libasan),
            # Of what is freed 16 MB are watched, more than a test's capture takes; 256 MB cost page faults at each start.
            "ASAN_OPTIONS": "detect_leaks=0:exitcode=99:abort_on_error=0:allocator_may_return_null=1:quarantine_size_mb=16:malloc_context_size=1:max_malloc_fill_size=128",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
            "WIRESHARK_DEBUG_WMEM_OVERRIDE": "simple", "G_SLICE": "always-malloc",
            "WIRESHARK_EXTCAP_DIR": "/nonexistent"}  # androiddump hangs under libasan


@functools.cache
def hiding_installed():
    """Options for bubblewrap that hide copies of the bundle which install.sh put into this machine's plugin folder."""
    ours = {folder.name + ".so" for folder in (TOP / "plugins").iterdir()}
    hiding = []
    for folder in Path("/usr/lib").glob("*/wireshark/plugins/*/epan"):
        if any((folder / name).exists() for name in ours):
            hiding += ["--tmpfs", str(folder)]
            for so in folder.glob("*.so"):
                if so.name not in ours:
                    hiding += ["--ro-bind", str(so), str(so)]
    return hiding


def _arguments(options, prefs, keylog):
    arguments = list(options)
    for name, value in (prefs or {}).items():
        arguments += ["-o", f"{name}:{value}"]
    if keylog:
        arguments += ["-o", f"tls.keylog_file:{keylog}"]
    return arguments


def _state_of(arguments):
    """What a cached result depends on besides the command: the files that it names."""
    state = []
    for argument in arguments:
        for name in (argument, argument.rpartition(":")[2]):
            if name.startswith("/"):
                try:
                    stat = os.stat(name)
                    state.append((name, stat.st_mtime_ns, stat.st_size))
                except OSError:
                    pass
    return tuple(state)


@functools.cache
def _digest(name, *state):
    with open(name, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _contents_of(arguments):
    """The arguments, with what files hold in the place of their names: many tests write the same capture."""
    known = {name: _digest(name, *state) for name, *state in _state_of(arguments) if os.path.isfile(name)}

    def content(argument):
        before, colon, name = argument.rpartition(":")
        return known.get(argument) or before + colon + known.get(name, name)
    return tuple(map(content, arguments))


def _but_for_what_is_asked(arguments):
    """Of tshark's arguments those that decide which packets are dissected; how often is left to sharkd, which reads them under sanitizers, too."""
    kept, skip = [], False
    for argument in arguments:
        if not skip and argument not in ("-e", "-E", "-Y", "-2"):
            kept.append(argument)
        skip = not skip and argument in ("-e", "-E", "-Y")
    return tuple(kept)


def _capture_alone(asked):
    """The capture, if that is all that tshark's arguments say of what is dissected, and no taps and the like are asked for."""
    rest = [argument for argument in asked if argument not in ("-n", "-V", "-T", "fields", "pdml", "json", "ek", "tabs", "text")]
    return rest[1] if len(rest) == 2 and rest[0] == "-r" and os.path.isfile(rest[1]) else None


def _complaint(stderr):
    """A sanitizer's report from its beginning, or the end of whatever else was written to stderr."""
    report = SANITIZER_REPORT.search(stderr)
    text = stderr[max(0, report.start() - 200):][:6000] if report else stderr[-4000:]
    return text.decode(errors="replace") or "nothing on stderr"


# A small process between: what a process takes at the most counts what its parent took when it was begun, and that of the tests is large.
_MEASURING = """
import os, sys
_, status, used = os.wait4(os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ), 0)
print("used", used.ru_utime, used.ru_maxrss, file=sys.stderr)
sys.exit(abs(os.waitstatus_to_exitcode(status)))
"""


def measured_command(command):
    """The same; at its end stderr says "used", the seconds of processor time, and the kilobytes it had at most."""
    return [sys.executable, "-c", _MEASURING, *command]


def begin_run():
    """The processes of one run of the tests share what was read and printed: in a folder that the first of them makes and removes."""
    folder = tempfile.mkdtemp(prefix="gapfill-run-")
    os.chmod(folder, 0o755)
    os.environ["GAPFILL_RUN"] = folder
    preforked.hold_alive()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _shared(kind, key):
    """Where in that folder a thing with this key is; None outside of a run."""
    folder = os.environ.get("GAPFILL_RUN")
    return Path(folder) / f"{kind}-{hashlib.sha256(repr(key).encode()).hexdigest()}" if folder else None


def numbers_of_run(kind, key, count):
    """What count() gives, a list of whole numbers: in a run of the tests one process counts them, and the others wait for that."""
    file = _shared(kind, key)
    if not file:
        return count()
    with open(file, "a+") as kept:
        fcntl.flock(kept, fcntl.LOCK_EX)
        kept.seek(0)
        known = kept.read()
        if known:
            return [int(number) for number in known.split()]
        numbers = count()
        kept.write(" ".join(map(str, numbers)))
        return numbers


class Once:
    """Keys, each of which is new once: in this process, or in the run of the tests if there is one."""

    def __init__(self, kind):
        self._kind, self._known = kind, set()

    def is_new(self, key):
        if key in self._known:
            return False
        self._known.add(key)
        mark = _shared(self._kind, key)
        try:
            if mark:
                mark.touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


class Results:
    """What tools printed, by what was asked: the latest of this process, and all of the run of the tests if there is one."""

    _BYTES = 1 << 20
    _MANY = 512

    def __init__(self):
        self._kept = {}

    def get(self, key):
        if key in self._kept:
            return self._kept[key]
        file = _shared("result", key)
        out = file.read_bytes() if file and file.exists() else None
        if out is not None and len(out) < self._BYTES:
            self._keep(key, out)
        return out

    def put(self, key, out, even_large=False):
        if len(out) < self._BYTES:
            self._keep(key, out)
        file = _shared("result", key)
        if file and (len(out) < self._BYTES or even_large):
            with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as whole:
                whole.write(out)
            os.rename(whole.name, file)

    def _keep(self, key, out):
        if len(self._kept) >= self._MANY:
            self._kept.clear()
        self._kept[key] = out


@functools.cache
def _folder_of_some(plugin_dir, series, names):
    """A folder with only these plugins, the same for all processes of a run."""
    made = Path(tempfile.mkdtemp(prefix="subset-", dir=os.environ.get("GAPFILL_RUN", _scratch)))
    made.chmod(0o755)
    (made / series / "epan").mkdir(parents=True)
    for name in names:
        so = plugin_dir / series / "epan" / f"{name}.so"
        assert so.exists(), f"{so} is not built"
        (made / series / "epan" / so.name).symlink_to(so.resolve())
    final = _shared("plugins", (str(plugin_dir), series, names))
    if not final:
        return made
    try:
        made.rename(final)
    except OSError:         # another process was faster
        shutil.rmtree(made)
    return final


class Wireshark:
    """One Wireshark series with the plugins built for it.

    Every tool runs as an ordinary user, in a user namespace where there are any: Wireshark ignores plugin folders
    for uid 0. Results of runs that only read files are kept, so asking the same thing twice costs nothing.

    With sanitized_dir, the same plugins under ASan and UBSan, they are those that read a capture for the first time: in a
    sharkd that is kept open, or, with preferences or statistics, where they are asked for. What is then asked of the same
    packets is asked of plugin_dir's, which start in half the time. A sanitizer's report is always an error.
    """

    _results = Results()
    _reads_under_sanitizers = Once("read")

    def __init__(self, series, plugins=True, plugin_dir=None, env=None, sanitized_dir=None):
        self.series = series
        self.root = Path("/") if series == HOST_SERIES else ROOTS / series
        self.plugin_dir = Path(plugin_dir) if plugin_dir else BUILD / series / "plugins" if plugins else None
        self.env = dict(env or {})
        self.sanitized_dir = sanitized_dir
        assert self.root == Path("/") or not _is_sanitized(self.plugin_dir), \
            f"{self.plugin_dir}: plugins under sanitizers run in this machine's Wireshark {HOST_SERIES} only, not in {series}"

    def __repr__(self):
        return f"Wireshark {self.series}"

    @property
    def version(self):
        return tuple(int(n) for n in self.series.split("."))

    def booleans(self):
        """How -T fields prints false and true."""
        return ("0", "1") if self.version < (4, 2) else ("False", "True")

    def without_plugins(self):
        return Wireshark(self.series, plugins=False)

    def built(self):
        """The names of the plugins that were built for this series."""
        return {so.stem for so in (self.plugin_dir / self.series / "epan").glob("*.so")}

    def sanitized(self):
        """The names of those of them that are instrumented for ASan and UBSan."""
        content = {so.stem: so.read_bytes() for so in (self.plugin_dir / self.series / "epan").glob("*.so")}
        return {name for name, data in content.items() if b"__asan_report_load" in data and b"__ubsan_handle_" in data}

    def subset(self, *names):
        """The same Wireshark with only these plugins of the bundle."""
        names = tuple(sorted(set(names)))
        folders = [_folder_of_some(whole, self.series, names) for whole in (self.plugin_dir, self.sanitized_dir) if whole]
        return Wireshark(self.series, plugin_dir=folders[0], env=self.env, sanitized_dir=folders[1] if self.sanitized_dir else None)

    def with_env(self, **env):
        return Wireshark(self.series, bool(self.plugin_dir), self.plugin_dir, {**self.env, **env}, self.sanitized_dir)

    def under_sanitizers(self):
        """The same with the sanitized plugins alone."""
        return Wireshark(self.series, plugin_dir=self.sanitized_dir, env=self.env)

    def _for(self, tool, args):
        """Who runs this: the sanitized plugins' Wireshark, or this one, if what it asks for can be read under sanitizers beforehand."""
        if not self.sanitized_dir or tool not in DISSECTING or "-G" in args:
            return self
        asked = _but_for_what_is_asked(args)
        capture = _capture_alone(asked) if tool == "tshark" and self._is_common() else None
        key = (str(self.plugin_dir), tuple(self.env.items()), tool, _contents_of((capture,) if capture else asked))
        if tool == "tshark" and not self._reads_under_sanitizers.is_new(key):
            return self
        if not capture:
            return self.under_sanitizers()
        _reader_of(self.under_sanitizers()).read(capture)
        return self

    # Running

    def environment(self, tool):
        sanitizers = _sanitizer_environment() if tool in DISSECTING and _is_sanitized(self.plugin_dir) else {}
        return {"HOME": str(_home(self.plugin_dir)), "TZ": "UTC", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin",
                "WIRESHARK_CONFIG_DIR": "/nonexistent", **sanitizers, **self.env}

    def command(self, tool, *args, binds=(), wrapper=()):
        """The whole command line; wrapper goes in front of the tool, such as valgrind and its options."""
        args = [*map(str, wrapper), "/usr/bin/" + tool, *map(str, args)]
        if not _has_user_namespaces():
            return self._command_without_namespaces(args, self.environment(tool))
        cmd = ["bwrap", "--die-with-parent", "--clearenv"]
        if self.root == Path("/"):
            cmd += ["--ro-bind", "/", "/", *hiding_installed()]
        else:
            cmd += ["--ro-bind", str(self.root / "usr"), "/usr"]
            for name in ("bin", "sbin", "lib", "lib64"):
                cmd += ["--symlink", "usr/" + name, "/" + name]
            for d in dict.fromkeys([str(TOP), str(BUILD), str(SHARED.parent), *map(str, binds)]):
                cmd += ["--ro-bind-try", d, d]
        cmd += ["--dev", "/dev", "--proc", "/proc", "--bind", "/tmp", "/tmp"]
        if not Path(tempfile.gettempdir()).is_relative_to("/tmp"):
            cmd += ["--bind", tempfile.gettempdir(), tempfile.gettempdir()]
        cmd += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
        for name, value in self.environment(tool).items():
            cmd += ["--setenv", name, value]
        return [*cmd, *args]

    def _command_without_namespaces(self, args, environment):
        """As nobody, and another root's programs by its own dynamic loader."""
        assert not hiding_installed(), "the bundle is installed on this machine and cannot be hidden: install.sh --uninstall"
        cmd = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        if self.root != Path("/"):
            loader = next(self.root.glob("usr/lib/*/ld-linux-*.so.*"))
            args = [str(loader), "--library-path", str(loader.parent), str(self.root) + args[0], *args[1:]]
            environment["WIRESHARK_DATA_DIR"] = str(self.root / "usr/share/wireshark")
        return [*cmd, "env", "-i", *(f"{name}={value}" for name, value in environment.items()), *args]

    def execute(self, tool, *args, timeout=300, wrapper=(), **kwargs):
        """Runs the tool and returns subprocess's result, in bytes."""
        args = tuple(map(str, args))
        runs = self if wrapper else self._for(tool, args)
        server = None if wrapper or kwargs else runs._server(tool, args)
        done = server.run(("/usr/bin/" + tool, *args), timeout) if server else \
            subprocess.run(runs.command(tool, *args, wrapper=wrapper), stdin=kwargs.pop("stdin", subprocess.DEVNULL),
                           capture_output=True, timeout=timeout, **kwargs)
        if SANITIZER_REPORT.search(done.stderr):
            raise AssertionError(f"{tool} {args}: {_complaint(done.stderr)}")
        return done

    def _server(self, tool, args):
        """That which has registered all dissectors already; None if this command has to start anew."""
        if type(self) is not Wireshark or {"GAPFILL_START", "WIRESHARK_CONFIG_DIR"} & set(self.env) or not preforked.is_possible(tool, args):
            return None
        options = ("-r", os.devnull) if tool == "tshark" else ("-",)

        def command_of(path):
            preloaded = " ".join(filter(None, (self.environment(tool).get("LD_PRELOAD"), str(preforked.library(self.root)))))
            more = {"GAPFILL_PREFORK_IN_FULL": "1"} if _is_sanitized(self.plugin_dir) else {}
            command = self.with_env(LD_PRELOAD=preloaded, GAPFILL_PREFORK=path, **more).command(tool, *options)
            return [word for word in command if word != "--die-with-parent"]        # it outlives who has started it
        return _servers.of((tool, self.series, self.plugin_dir, _state_of_plugins(self.plugin_dir), tuple(self.env.items()), _has_user_namespaces()),
                           command_of)

    def popen(self, tool, args, stderr, is_asked=False):
        """A process, or what is like one, whose output is read here, and to which is written if it is asked for something."""
        server = self._server(tool, args)
        return server.piped(("/usr/bin/" + tool, *args), stderr, is_asked) if server else \
            subprocess.Popen(self.command(tool, *args), stdin=subprocess.PIPE if is_asked else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)

    def consumed(self, capture, *args, timeout=300):
        """Seconds of processor time and kilobytes of memory that tshark takes, and what it prints, in bytes.

        Under sanitizers, which take memory of their own, 0 kilobytes.
        """
        command = measured_command(self.command("tshark", "-n", "-r", capture, *args))
        with tempfile.TemporaryFile(dir=_scratch) as out:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, timeout=timeout)
            message, _, used = done.stderr.rpartition(b"used ")
            if done.returncode != 0 or SANITIZER_REPORT.search(message):
                raise AssertionError(f"tshark {capture} {args} exits {done.returncode}: {_complaint(message)}")
            out.seek(0)
            seconds, kilobytes = used.split()
            return float(seconds), 0 if _is_sanitized(self.plugin_dir) else int(kilobytes), out.read()

    def run(self, tool, *args, check=True, timeout=300, text=True, **kwargs):
        """What the tool prints. With check=False its exit status does not matter."""
        args = tuple(map(str, args))
        key = None if kwargs or tool != "tshark" else (self.series, str(self.plugin_dir), tuple(self.env.items()), args, check, _state_of(args))
        out = self._results.get(key) if key else None
        if out is None:
            done = self.execute(tool, *args, timeout=timeout, **kwargs)
            if check and done.returncode != 0:
                raise AssertionError(f"{tool} {args} exits {done.returncode}: {_complaint(done.stderr)}")
            out = done.stdout
            if key and not {"-w", "-F"} & set(args):
                self._results.put(key, out, even_large="-G" in args)
        return out.decode(errors="replace") if text else out

    def tshark(self, capture, *args, **kwargs):
        return self.run("tshark", "-n", "-r", capture, *args, **kwargs)

    # Asking

    def rows(self, capture, fields, display_filter=None, two_pass=False, options=(), prefs=None, keylog=None):
        """The values of the fields, a tuple a packet; several occurrences are joined with a comma.

        Wireshark 4.4 and later double the backslashes of what -T fields prints; here they are single on all.
        """
        args = ["-T", "fields", "-E", f"separator={FIELD_END}", "-E", "aggregator=,", *_arguments(options, prefs, keylog)]
        for field in fields:
            args += ["-e", field]
        if two_pass:
            args.append("-2")
        if display_filter:
            args += ["-Y", display_filter]
        printed = self.tshark(capture, *args)
        if self.version >= (4, 4):
            printed = printed.replace("\\\\", "\\")
        return [tuple(line.split(FIELD_END)) for line in printed.split("\n")[:-1]]

    def frames(self, capture, display_filter, two_pass=False, options=(), prefs=None, keylog=None):
        """The numbers of the frames that the filter matches."""
        return [int(r[0]) for r in self.rows(capture, ["frame.number"], display_filter, two_pass, options, prefs, keylog)]

    def count(self, capture, display_filter, two_pass=False, options=(), prefs=None, keylog=None):
        return len(self.frames(capture, display_filter, two_pass, options, prefs, keylog))

    def columns(self, capture, two_pass=False, options=(), prefs=None, keylog=None):
        """Protocol and Info, a pair a packet."""
        return self.rows(capture, ["_ws.col.Protocol", "_ws.col.Info"] if self.version < (4, 4) else
                         ["_ws.col.protocol", "_ws.col.info"], None, two_pass, options, prefs, keylog)

    def custom_columns(self, capture, fields, display_filter=None, two_pass=False, options=(), prefs=None, keylog=None):
        """The fields as custom columns print them (value strings resolved); the counterpart of Sharkd.columns()."""
        layout = ",".join(f'"{n}","%Cus:{field}:0:R"' for n, field in enumerate(fields))
        args = ["-T", "tabs", "-o", f"gui.column.format:{layout}", *_arguments(options, prefs, keylog)]
        if two_pass:
            args.append("-2")
        if display_filter:
            args += ["-Y", display_filter]
        return [tuple(v.strip() for v in line.split("\t")) for line in self.tshark(capture, *args).split("\n")[:-1]]

    def verbose(self, capture, *args, **kwargs):
        """The whole dissection as text."""
        return self.tshark(capture, "-V", *args, **kwargs)

    def statistics(self, capture, statistic, display_filter=None, options=(), prefs=None, keylog=None, two_pass=False):
        """What -q -z prints."""
        args = ["-q", "-z", statistic, *_arguments(options, prefs, keylog)]
        if two_pass:
            args.append("-2")
        if display_filter:
            args += ["-Y", display_filter]
        return self.tshark(capture, *args)

    def pdml(self, capture, *args, timeout=900):
        """Each packet of the full dissection as an ElementTree element, valid until the next one is asked for."""
        args = tuple(map(str, ("-n", "-r", capture, "-T", "pdml", *args)))
        with tempfile.TemporaryFile(dir=_scratch) as errors:
            process = self._for("tshark", args).popen("tshark", args, errors)
            broken = None
            try:
                yield from _packets(process.stdout)
                process.wait(timeout)
            except xml.etree.ElementTree.ParseError as error:   # tshark ended amidst its output, and says why
                broken = error
                process.wait(timeout)
            finally:
                process.stdout.close()
                process.kill()
                process.wait()
            errors.seek(0)
            message = errors.read()
            if broken or process.returncode != 0 or SANITIZER_REPORT.search(message):
                raise AssertionError(f"tshark exits {process.returncode}: {_complaint(message)}") from broken

    def sharkd(self, prefs=None, keylog=None):
        """A process that keeps running: see Sharkd. One without preferences may have had other files before."""
        options = _arguments((), prefs, keylog)
        idle = _idle_sharkds.setdefault(self._identity(), [])
        return Sharkd(self, options) if options or not idle else idle.pop().taken(self)

    def _is_common(self):
        """Stock, or all plugins as they were built: a process is kept for such only, as there are few of them."""
        return not self.env and self.plugin_dir in (None, BUILD / self.series / "plugins")

    def _identity(self):
        return self.series, self.plugin_dir, self.sanitized_dir, tuple(self.env.items())

    def plugins(self):
        """The names of the plugins that are loaded, without .so."""
        lines = self.run("tshark", "-G", "plugins").splitlines()
        return {line.split("\t")[0].strip().removesuffix(".so") for line in lines}

    def fields(self):
        """Field and protocol names that this Wireshark knows, with the fields' types."""
        names = {}
        for line in self.run("tshark", "-G", "fields").splitlines():
            kind, _, name, *rest = line.split("\t")
            names[name] = "FT_PROTOCOL" if kind == "P" else rest[0]
        return names


def _packets(stream):
    for event, element in xml.etree.ElementTree.iterparse(stream, events=("start", "end")):
        if event == "start" and element.tag == "pdml":
            top = element
        elif event == "end" and element.tag == "packet":
            yield element
            top.clear()


_servers = preforked.Servers()
_idle_sharkds = {}      # of what a Wireshark is, those that are running


@atexit.register
def _end_idle_sharkds():
    for sharkd in sum(_idle_sharkds.values(), []):
        sharkd.end()


class Sharkd:
    """One sharkd process: files loaded one after the other, each then re-dissected as the GUI does."""

    _COLUMNS = 32       # those beyond are left out without a word
    _LOADS = 200        # then another process takes its place
    _LARGE = 500_000    # bytes: what such a capture takes is not kept

    def __init__(self, ws, options=()):
        self.ws = ws
        self._errors = tempfile.TemporaryFile(dir=_scratch)
        self._reads_first = ws.sanitized_dir and not options
        runs = ws if self._reads_first else ws._for("sharkd", ())
        self._process = runs.popen("sharkd", ("-",), self._errors, is_asked=True)
        self._id = self._loads = self._told = self.printed = 0
        self._is_changed = bool(options)
        for option in options[1::2]:
            name, _, value = option.partition(":")
            self.call("setconf", name=name, value=str(value))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        (self.end if any(exception) else self.close)()

    def taken(self, ws):
        """By another test; what was written to stderr until then is none of its business."""
        self.ws = ws
        self._told = self._errors.seek(0, os.SEEK_END)
        return self

    def stderr(self):
        """Without what it says when it starts, which may have been for another test."""
        self._errors.seek(self._told)
        return self._errors.read().replace(b"Hello in child.\n", b"")

    def close(self):
        """Ends it, unless the next one can use it."""
        idle = _idle_sharkds.setdefault(self.ws._identity(), [])
        if idle or not self.ws._is_common() or self._is_changed or self._loads >= self._LOADS or not self.is_running() or SANITIZER_REPORT.search(self.stderr()):
            self.end()
        else:
            idle.append(self)

    def end(self):
        if self._process.poll() is None:
            self._process.stdin.close()
            self._process.wait(60)
        self._process.stdout.close()
        assert self._process.returncode == 0 and not SANITIZER_REPORT.search(self.stderr()), \
            f"sharkd exits {self._process.returncode}: {_complaint(self.stderr())}"

    def kill(self):
        self._process.kill()

    def is_running(self):
        return self._process.poll() is None

    def _send(self, method, params):
        self._id += 1
        self._is_changed |= method in ("setconf", "tap")    # 4.0's own taps may crash when another file is loaded
        request = {"jsonrpc": "2.0", "id": self._id, "method": method}
        if params:
            request["params"] = params
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass            # how it ended is asked for when its answer is read
        return self._id

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(60)
            raise AssertionError(f"sharkd ends with {self._process.returncode}: {_complaint(self.stderr())}")
        self.printed += len(line)
        return json.loads(line.decode(errors="replace"), strict=False)   # 4.0 prints octets of a name as they are

    def call(self, method, **params):
        """The result of one JSON-RPC call."""
        self._send(method, params)
        answer = self._answer()
        assert "error" not in answer, f"{method} {params}: {answer['error']}"
        return answer.get("result")

    def try_to_load(self, capture):
        """Whatever the file is like; to one that is cut short sharkd gives no answer."""
        self._send("load", {"file": str(capture)})
        last = self._send("status", {})
        while self._answer()["id"] != last:
            pass

    def load(self, capture):
        """Replaces the file that was open before."""
        if self._reads_first:
            self.ws._for("tshark", ("-r", str(capture)))
        self._loads += 1
        self._is_changed |= os.path.isfile(capture) and os.path.getsize(capture) > self._LARGE
        assert self.call("load", file=str(capture))["status"] == "OK"

    def _frames(self, display_filter, columns):
        # 4.0 keeps filters' results by their text, also of the file before: so each file's text differs.
        params = {"filter": display_filter + " " * self._loads} if display_filter else {}
        return self.call("frames", **params, **{f"column{i}": c for i, c in enumerate(columns)})

    def frames(self, display_filter=None):
        return [frame["num"] for frame in self._frames(display_filter, ["frame.number:0"])]

    def count(self, display_filter):
        return len(self.frames(display_filter))

    def columns(self, fields, display_filter=None):
        """The fields as custom columns print them (value strings resolved): compare with Wireshark.custom_columns()."""
        parts = []
        for at in range(0, len(fields), self._COLUMNS):
            found = self._frames(display_filter, [f"{field}:0" for field in fields[at:at + self._COLUMNS]])
            parts.append([tuple(value.strip() for value in frame["c"]) for frame in found])
        return [sum(row, ()) for row in zip(*parts)]

    def tree(self, number):
        """The protocol tree of a frame: a list of nodes with l (label), f (filter), n (children)."""
        return self.call("frame", frame=number, proto=True)["tree"]

    def rows(self, fields, display_filter=None):
        """As Wireshark.rows(), from re-dissected packets. Absolute times are in the form that filters take."""
        return [self._row(number, fields) for number in self.frames(display_filter)]

    def _row(self, number, fields):
        values = {field: [] for field in fields}
        pending = list(self.tree(number))
        while pending:
            node = pending.pop(0)
            name, equals, value = node.get("f", "").partition(" == ")
            if name in values:
                values[name].append(_plain(value, self.ws) if equals else name)
            pending[:0] = node.get("n", [])
        return tuple(",".join(values[field]) for field in fields)


_readers = {}


def _reader_of(ws):
    key = ws.plugin_dir, tuple(ws.env.items())
    if key not in _readers:
        if not _readers:
            atexit.register(lambda: [reader.end() for reader in _readers.values()])
        _readers[key] = Reader(ws)
    return _readers[key]


class Reader:
    """A sharkd kept open, which reads captures one after the other as the window does: all packets, then each in detail."""

    _LOADS = 50             # then it begins anew, as what sanitizers take is not given back; so it does after a large capture
    _DETAILED = 200         # packets
    _PRINTED = 16 << 20     # octets of their details; as a rule they are 1 to 3 million
    _TIMEOUT = 300

    def __init__(self, ws):
        self.ws = ws
        self._sharkd, self._loads = None, 0

    def read(self, capture):
        """A sanitizer's report, an end and a reading without an end are errors, those of the capture are not."""
        if not self._sharkd or self._loads >= self._LOADS:
            self.end()
            self._sharkd, self._loads = Sharkd(self.ws), 0
        self._loads += 1
        watchdog = threading.Timer(self._TIMEOUT, self._sharkd.kill)
        watchdog.start()
        try:
            self._sharkd.try_to_load(capture)
            frames = self._sharkd.call("frames")[:self._DETAILED]
            end = self._sharkd.printed + self._PRINTED
            for frame in itertools.takewhile(lambda _: self._sharkd.printed < end, frames):
                self._sharkd.call("frame", frame=frame["num"], proto=True)
        except AssertionError as error:
            if not self._sharkd.is_running():
                self._sharkd = None
                raise AssertionError(f"{capture} under sanitizers: {error}") from error
        finally:
            watchdog.cancel()
        if os.path.getsize(capture) > Sharkd._LARGE:
            self.end()

    def end(self):
        if self._sharkd:
            self._sharkd.end()
            self._sharkd = None


def _plain(value, ws):
    """A value of a filter expression as -T fields prints it."""
    if value.startswith('"') and value.endswith('"'):
        return re.sub(r"\\(x[0-9a-fA-F]{2}|.)",
                      lambda m: chr(int(m[1][1:], 16)) if m[1][0] == "x" else {"n": "\n", "t": "\t"}.get(m[1], m[1]), value[1:-1])
    if value in ("True", "False", "TRUE", "FALSE") and ws.version < (4, 2):
        return "1" if value.upper() == "TRUE" else "0"
    return value
