# The lit suite of SpMMPlu. Features that tests may ask for:
#   plugin     the compiler's plug-in was built (for stock mlir-opt)
#   avx512     this machine runs AVX-512 code: for tests that execute
#   amx        this machine runs AMX code on bf16
#   ptxas      CUDA's assembler is where DeviceEmitter looks for it
#   roundtrip  every sparse-opt also prints, parses and compares its input
# Substitutions: %plugin, %python, %{PATH} (where tests find their commands).
# Parameter: roundtrip=1.

import os

import lit.formats
import lit.util


def host_cpu_flags():
    """The processor's feature flags; none where the system has no such file."""
    try:
        with open("/proc/cpuinfo") as cpuinfo:
            for line in cpuinfo:
                if line.startswith("flags"):
                    return set(line.split(":", 1)[1].split())
    except OSError:
        pass
    return set()


def find_ptxas():
    """CUDA's assembler, as findPtxas of DeviceEmitter.h looks for it."""
    homes = [os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"),
             "/usr/local/cuda"]
    folders = [os.path.join(home, "bin") for home in homes if home]
    return lit.util.which("ptxas", os.pathsep.join(
        [os.environ.get("PATH", "")] + folders))


config.name = "SpMMPlu"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Unit", "lib", "Inputs"]
config.test_source_root = os.path.dirname(__file__)

roundtrip = bool(int(lit_config.params.get("roundtrip", "0")))
# Two runs of the suite must not share their temporary files.
config.test_exec_root = os.path.join(
    config.spmmplu_binary_dir, "test", "roundtrip" if roundtrip else "lit")

config.environment["PATH"] = os.pathsep.join([
    config.spmmplu_tools_dir, config.llvm_tools_dir,
    config.environment.get("PATH", "")])

# The user's own options would change what a test checks.
config.environment.pop("FILECHECK_OPTS", None)

config.substitutions.append(("%plugin", config.spmmplu_plugin))
config.substitutions.append(("%{PATH}", config.environment["PATH"]))
config.substitutions.append(("%python", config.python_executable))

if roundtrip:
    config.available_features.add("roundtrip")
    # The command itself only: not a path that ends in the tool's name.
    config.substitutions.append(
        (r"(?<![\w/.-])sparse-opt(?![\w.-])",
         os.path.join(config.spmmplu_tools_dir, "sparse-opt") +
         " --verify-roundtrip"))

if os.path.exists(config.spmmplu_plugin):
    config.available_features.add("plugin")

flags = host_cpu_flags()
if {"avx512f", "avx512bw", "avx512vl", "avx512dq"} <= flags:
    config.available_features.add("avx512")
if {"amx_tile", "amx_bf16"} <= flags:
    config.available_features.add("amx")

for variable in ("CUDA_HOME", "CUDA_PATH"):
    if variable in os.environ:
        config.environment[variable] = os.environ[variable]
if find_ptxas():
    config.available_features.add("ptxas")
