using System.Diagnostics;
using Apprentice.Compute;

namespace Apprentice.Training.Tests;

/// <summary>A training in a process of its own that is killed again and again ends with the same bits as one that is left alone.</summary>
public sealed class KillTests
{
    private static readonly TrainerOptions s_options = new() { Steps = 100, BatchSize = 4, LearningRate = 2e-3, CheckpointSeconds = 0, ValidateEvery = 20 };

    [Fact]
    public void Train_KilledSeveralTimes_EndsWithTheSameBits()
    {
        using TemporaryFolder folder = new();
        SeededRandom random = new((ulong)Environment.TickCount64);
        List<int> killedAt = [];
        int first = 0;
        for (int kill = 0; kill < 2; kill++)
        {
            using Process child = Start(folder.Path);
            int steps = 5 + random.NextInt(35);
            string? line = child.StandardOutput.ReadLine();
            first = int.Parse(line!);

            // Only steps since the last whole checkpoint are taken again.
            Assert.True(kill == 0 ? first == 1 : first > killedAt[^1] - 1, $"went on at step {first} after a kill at {string.Join(", ", killedAt)}");
            for (int i = 0; i < steps; i++)
            {
                line = child.StandardOutput.ReadLine();
            }

            child.Kill();
            child.WaitForExit();
            Assert.NotEqual(0, child.ExitCode);
            killedAt.Add(int.Parse(line!));
        }

        using (Process child = Start(folder.Path))
        {
            string rest = child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            Assert.Equal(0, child.ExitCode);
            Assert.EndsWith("100\n", rest.ReplaceLineEndings("\n"));
        }

        using TaskModel whole = Model();
        int count = Train(whole, null).Count();
        Assert.Equal(s_options.Steps, count);
        Assert.Equal(Samples.Bits(whole.Parameters), File.ReadAllText(folder["bits"]));

        // What the kills left of half-written files is cleared away.
        Assert.Equal(["bits", "checkpoint"], folder.Names());
    }

    /// <summary>What the child process does.</summary>
    internal static void TrainAsChild(string folder)
    {
        using TaskModel model = Model();
        foreach (TrainingStep step in Train(model, Path.Combine(folder, "checkpoint")))
        {
            Console.Out.WriteLine(step.Step);
            Console.Out.Flush();
        }

        File.WriteAllText(Path.Combine(folder, "bits"), Samples.Bits(model.Parameters));
    }

    private static TaskModel Model() => Samples.Faults(1, hidden: 16, layers: 1, dropout: 0.1f);

    private static IEnumerable<TrainingStep> Train(TaskModel model, string? checkpoint)
    {
        using Workers workers = new(1);
        Trainer trainer = new(model.Parameters, new FaultTrainingTask(model, Samples.Functions(20, 1)), s_options, workers);

        // Rises and falls: the best step is neither the first nor the last.
        double Score() => -Math.Abs(model.Parameters.Find("line_head.out_proj.weight")!.Values[0] - 0.02);
        foreach (TrainingStep step in trainer.Train(Score, checkpoint))
        {
            yield return step;
        }
    }

    private static Process Start(string folder) => Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. HostArguments(), "--train", folder]) { RedirectStandardOutput = true })!;

    /// <summary>The assembly's path when the tests run under the dotnet host, nothing when they run as an executable.</summary>
    private static string[] HostArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(KillTests).Assembly.Location] : [];
}
