using System.Runtime.InteropServices;

namespace Apprentice.TestHost;

/// <summary>Resource limits that the worker sets on itself before it loads anything foreign. On Linux only.</summary>
/// <remarks>
/// A limit on address space would stop the runtime, which reserves far more than it uses; the limit on data
/// (private writable pages, counted since Linux 4.7) does not have that fault.
/// </remarks>
internal static partial class WorkerLimits
{
    // Numbers of the resources in <sys/resource.h> on Linux, the same on x64 and arm64.
    private const int Cpu = 0;
    private const int FileSize = 1;
    private const int Data = 2;
    private const int Core = 4;
    private const int Processes = 6;
    private const int OpenFiles = 7;

    /// <summary>Environment variable that holds the limit on private writable memory, in MiB.</summary>
    public const string MemoryVariable = "APPRENTICE_WORKER_MEMORY_MIB";

    /// <summary>Environment variable that holds the limit on processor time of the worker's whole life, in seconds.</summary>
    public const string CpuVariable = "APPRENTICE_WORKER_CPU_SECONDS";

    /// <summary>Sets the limits and names those that were set.</summary>
    public static string Apply()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "none";
        }

        List<string> set = [];
        Set(Core, 0, "core", set);
        Set(OpenFiles, 128, "open files", set);

        // The runtime of the worker needs a handful of threads more than it has now. The kernel does not hold root to this limit.
        Set(Processes, 64, "processes", set);
        if (ulong.TryParse(Environment.GetEnvironmentVariable(MemoryVariable), out ulong mebibytes))
        {
            Set(Data, mebibytes << 20, "data", set);
        }

        if (ulong.TryParse(Environment.GetEnvironmentVariable(CpuVariable), out ulong seconds))
        {
            Set(Cpu, seconds, "processor time", set);
        }

        // Nothing may be written to any file. Pipes are not files; the runtime's own double mapping of code is off, see TestRunner.
        Set(FileSize, 0, "file size", set);
        return string.Join(", ", set);
    }

    private static void Set(int resource, ulong value, string name, List<string> set)
    {
        Limit limit = new() { Current = value, Maximum = value };
        if (SetLimit(resource, limit) == 0)
        {
            set.Add(name);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Current;
        public ulong Maximum;
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);
}
