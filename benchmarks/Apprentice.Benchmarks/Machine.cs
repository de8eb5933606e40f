using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Apprentice.Benchmarks;

/// <summary>The processor's name and flags, and a clock for short work.</summary>
internal static class Machine
{
    public static string ProcessorName()
    {
        const string Information = "/proc/cpuinfo";
        string? line = File.Exists(Information)
            ? File.ReadLines(Information).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }

    public static string Flags()
    {
        (string Name, bool Has)[] flags =
        [
            ("sse4.2", Sse42.IsSupported), ("avx", Avx.IsSupported), ("avx2", Avx2.IsSupported), ("fma", Fma.IsSupported),
            ("avx_vnni", AvxVnni.IsSupported), ("avx512f", Avx512F.IsSupported), ("avx512bw", Avx512BW.IsSupported),
            ("avx512dq", Avx512DQ.IsSupported), ("avx512vl", Avx512F.VL.IsSupported), ("avx512vbmi", Avx512Vbmi.IsSupported),
        ];
        return string.Join(' ', flags.Where(f => f.Has).Select(f => f.Name));
    }

    /// <summary>Runnable processes in the last minute, where the system tells.</summary>
    public static string Load()
    {
        const string Information = "/proc/loadavg";
        return File.Exists(Information) ? File.ReadAllText(Information).Split(' ')[0] : "unknown";
    }

    /// <summary>The shortest of at least five runs that together last at least the given time, in seconds.</summary>
    public static double Best(double seconds, Action run)
    {
        run();
        double best = double.MaxValue;
        Stopwatch all = Stopwatch.StartNew();
        for (int i = 0; i < 5 || all.Elapsed.TotalSeconds < seconds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
