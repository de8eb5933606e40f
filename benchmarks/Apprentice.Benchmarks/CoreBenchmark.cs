using System.Globalization;
using Apprentice.Compute;

namespace Apprentice.Benchmarks;

/// <summary>What this machine can do and what the compute core makes of it, as one Markdown page.</summary>
internal static class CoreBenchmark
{
    public static int Run(ReadOnlySpan<string> arguments)
    {
        string? file = null;
        int threads = Environment.ProcessorCount;
        double seconds = 0.3;
        for (int i = 0; i + 1 < arguments.Length; i += 2)
        {
            switch (arguments[i])
            {
                case "--out":
                    file = arguments[i + 1];
                    break;
                case "--threads":
                    threads = int.Parse(arguments[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "--seconds":
                    seconds = double.Parse(arguments[i + 1], CultureInfo.InvariantCulture);
                    break;
                default:
                    Console.Error.WriteLine($"Unknown option '{arguments[i]}'; known are --out, --threads and --seconds.");
                    return 2;
            }
        }

        using Workers workers = new(threads);
        BenchmarkPage page = new(file);
        page.Line("# Compute core");
        page.Line();
        page.Line($"{Machine.ProcessorName()}, {threads} threads, {DateTime.UtcNow:yyyy-MM-dd}, .NET {Environment.Version}, kernels at {Simd.Level}");
        page.Line();
        page.Line($"Flags: {Machine.Flags()}");
        page.Line();
        Peaks peaks = PeakBenchmark.Run(page, workers, seconds);
        GemmBenchmark.Run(page, workers, peaks, seconds);
        page.Save();
        return 0;
    }
}
