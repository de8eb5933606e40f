using Apprentice.Benchmarks;

// One verb for each subject; `core` measures this machine and the compute core on it.
switch (args.FirstOrDefault())
{
    case "core":
        return CoreBenchmark.Run(args.AsSpan(1));
    default:
        Console.Error.WriteLine("Usage: Apprentice.Benchmarks core [--out FILE.md] [--threads N] [--seconds S]");
        return 2;
}
