using Apprentice.Benchmarks;

// One verb for each subject: `core` measures this machine and the matrix products on it, `train` whole training steps.
switch (args.FirstOrDefault())
{
    case "core":
        return CoreBenchmark.Run(args.AsSpan(1));
    case "train":
        return TrainBenchmark.Run(args.AsSpan(1));
    default:
        Console.Error.WriteLine("Usage: Apprentice.Benchmarks core|train [--out FILE.md] [--threads N] [--seconds S] [--model NAME]");
        return 2;
}
