using System.Diagnostics;
using System.Globalization;
using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Benchmarks;

/// <summary>Training steps of whole models with random weights: forward, backward and AdamW, dropout 0.1, a two-class head on the first token.</summary>
internal static class TrainBenchmark
{
    public static int Run(ReadOnlySpan<string> arguments)
    {
        string? file = null;
        int threads = Environment.ProcessorCount;
        double seconds = 5;
        string? only = null;
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
                case "--model":
                    only = arguments[i + 1];
                    break;
                default:
                    Console.Error.WriteLine($"Unknown option '{arguments[i]}'; known are --out, --threads, --seconds and --model.");
                    return 2;
            }
        }

        using Workers workers = new(threads);
        BenchmarkPage page = new(file);
        page.Line("# Training steps");
        page.Line();
        page.Line($"{Machine.ProcessorName()}, {threads} threads, {DateTime.UtcNow:yyyy-MM-dd}, .NET {Environment.Version}, kernels at {Simd.Level}, load {Machine.Load()}");
        page.Line();
        Peaks peaks = PeakBenchmark.Run(page, workers, Math.Min(seconds, 1));

        SeededRandom random = new(1);
        int[] mixed = [.. Enumerable.Range(0, 32).Select(_ => 100 + random.NextInt(201))];
        RobertaConfig nano = new() { HiddenLayers = 4, HiddenSize = 256, AttentionHeads = 4, IntermediateSize = 1024, VocabularySize = 8192 };
        page.Line("| model | batch | tokens | best step | tokens/s | share of peak | share in CPU time | forward | backward | AdamW | GC bytes a step | peak of a step |");
        page.Line("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        if (only is null or "nano")
        {
            Measure(page, workers, peaks, seconds, "nano", "32 of 100–300", nano, mixed);
            Measure(page, workers, peaks, seconds, "nano", "8×128", nano, [.. Enumerable.Repeat(128, 8)]);
        }

        if (only is null or "base")
        {
            Measure(page, workers, peaks, seconds, "base", "8×128", new RobertaConfig(), [.. Enumerable.Repeat(128, 8)]);
        }

        page.Line();
        page.Save();
        return 0;
    }

    private static void Measure(
        BenchmarkPage page, Workers workers, Peaks peaks, double seconds, string name, string shape, RobertaConfig config, int[] lengths)
    {
        using ParameterSet parameters = new();
        RobertaEncoder encoder = new(config, parameters);
        ClassificationHead head = new(parameters, config.HiddenSize, config.HiddenSize, 2, 0.1f);
        parameters.Build();
        SeededRandom random = new(1);
        RobertaEncoder.Initialise(config, parameters, random);
        using Optimiser optimiser = new(parameters, new OptimiserOptions());
        using Tape tape = new(workers) { Training = true };
        RaggedBatch batch = RaggedBatch.Of(
            [.. lengths.Select(length => Enumerable.Range(0, length).Select(_ => 5 + random.NextInt(config.VocabularySize - 5)).ToArray())]);
        int[] labels = [.. lengths.Select((_, i) => i % 2)];
        int[] firstTokens = batch.Offsets[..^1];

        double best = double.MaxValue, forward = 0, backward = 0, update = 0, processor = 0;
        long bytes = 0;
        Stopwatch all = Stopwatch.StartNew();
        for (int step = 0; step < 7 || all.Elapsed.TotalSeconds < seconds; step++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            tape.Reset();
            tape.DropoutSeed = (ulong)step;
            TimeSpan used = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            parameters.ClearGradients();
            Tensor logits = head.Logits(tape, tape.GatherRows(encoder.Encode(tape, batch), firstTokens));
            Tensor loss = tape.CrossEntropyOf(logits, labels);
            double afterForward = Stopwatch.GetElapsedTime(start).TotalSeconds;
            tape.Backward(loss);
            double afterBackward = Stopwatch.GetElapsedTime(start).TotalSeconds;
            optimiser.Step(workers, 1e-5);
            double whole = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (step >= 2 && whole < best)
            {
                (best, forward, backward, update) = (whole, afterForward, afterBackward - afterForward, whole - afterBackward);
                processor = (Environment.CpuUsage.TotalTime - used).TotalSeconds;
                bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
            }
        }

        double flops = TrainingFlops(config, lengths);
        double share = flops / best / peaks.All;

        // On a machine that others use too, wall-clock time says little; the time that this process was on a processor says more.
        double busyShare = flops / processor / peaks.One;
        page.Line(
            $"| {name} | {shape} | {batch.Tokens} | {best * 1e3:F0} ms | {batch.Tokens / best:F0} | {share:P0} | {busyShare:P0} | {forward * 1e3:F1} ms | {backward * 1e3:F1} ms "
            + $"| {update * 1e3:F1} ms | {bytes} | {tape.PeakBytes / 1e6:F0} MB |");
    }

    /// <summary>Three forward passes' worth of the matrix products over useful tokens: L · (8nH² + 4nHF + 4n²H) each.</summary>
    private static double TrainingFlops(RobertaConfig config, int[] lengths)
    {
        double h = config.HiddenSize, f = config.IntermediateSize;
        return 3 * config.HiddenLayers * lengths.Sum(n => (8 * n * h * h) + (4 * n * h * f) + (4.0 * n * n * h));
    }
}
