using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Training.Tests;

public sealed class TrainerTests
{
    private static readonly TrainerOptions s_options = new() { Steps = 12, BatchSize = 6, LearningRate = 2e-3, Seed = 3 };

    [Fact]
    public void Train_OneOrTwoThreads_GiveTheSameBits()
    {
        string one = Run(s_options, threads: 1);
        Assert.Equal(one, Run(s_options, threads: 2));
        Assert.Equal(one, Run(s_options, threads: 3));
    }

    [Fact]
    public void Train_OtherSeed_GivesOtherBits() => Assert.NotEqual(Run(s_options), Run(s_options with { Seed = 4 }));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(11)]
    public void Train_CancelledAfterSteps_ContinuesToTheSameBits(int steps)
    {
        using TemporaryFolder folder = new();
        using (TaskModel model = Model(1))
        {
            using CancellationTokenSource source = new();
            if (steps == 0)
            {
                source.Cancel();
            }

            int taken = 0;
            Assert.Throws<OperationCanceledException>(() =>
            {
                foreach (TrainingStep step in Steps(model, s_options, folder["c"], cancellationToken: source.Token))
                {
                    taken = step.Step;
                    if (step.Step == steps)
                    {
                        source.Cancel();
                    }
                }
            });
            Assert.Equal(steps, taken);
        }

        // The model that goes on starts from other weights: everything must come from the file.
        Assert.Equal(Run(s_options), Run(s_options, folder["c"], init: 9));

        // A finished checkpoint gives the finished model at once.
        using TaskModel finished = Model(5);
        Assert.Empty(Steps(finished, s_options, folder["c"]));
        Assert.Equal(Run(s_options), Samples.Bits(finished.Parameters));
        Assert.Equal(["c"], folder.Names());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(12)]
    public void Train_CheckpointTakenMidRun_ContinuesToTheSameBitsWithTheBestStep(int copyAt)
    {
        // The best score is that of step 4, before or after the checkpoint.
        using TemporaryFolder folder = new();
        TrainerOptions options = s_options with { ValidateEvery = 2, CheckpointSeconds = 0 };
        double[] scores = [0.1, 0.9, 0.2, 0.8, 0.3, 0.9];
        string whole;
        string atBest = "";
        using (TaskModel model = Model(1))
        {
            int calls = 0;
            foreach (TrainingStep step in Steps(model, options, folder["c"], () => scores[calls++]))
            {
                Assert.Equal(step.Step % 2 == 0 ? scores[(step.Step / 2) - 1] : null, step.ValidationScore);
                if (step.Step == copyAt)
                {
                    File.Copy(folder["c"], folder["copy"]);
                }

                if (step.Step == 4)
                {
                    atBest = Samples.Bits(model.Parameters);
                }
            }

            Assert.Equal(6, calls);
            whole = Samples.Bits(model.Parameters);
        }

        Assert.Equal(atBest, whole);
        using TaskModel resumed = Model(9);
        int next = (copyAt - 1) / 2;  // what the consumer has seen is saved after it, so the copy holds one step less
        Assert.Equal(copyAt, Steps(resumed, options, folder["copy"], () => scores[next++]).First().Step);
        next = (copyAt - 1) / 2;
        int last = Steps(resumed, options, folder["copy"], () => scores[next++]).Last().Step;
        Assert.Equal(12, last);
        Assert.Equal(whole, Samples.Bits(resumed.Parameters));
    }

    [Fact]
    public void Train_CheckpointOfOtherOptions_NamesThemAndChangesNothing()
    {
        using TemporaryFolder folder = new();
        Run(s_options, folder["c"]);
        using TaskModel model = Model(2);
        string before = Samples.Bits(model.Parameters);
        TrainingException exception = Assert.Throws<TrainingException>(() => Steps(model, s_options with { LearningRate = 1e-3, Steps = 13 }, folder["c"]).Count());
        Assert.Contains(folder["c"], exception.Message);
        Assert.Contains("LearningRate 0.002 there, 0.001 here", exception.Message);
        Assert.Contains("Steps 12 there, 13 here", exception.Message);
        Assert.DoesNotContain("BatchSize", exception.Message);
        Assert.Equal(before, Samples.Bits(model.Parameters));

        // How often checkpoints are written may change.
        Assert.Empty(Steps(model, s_options with { CheckpointSeconds = 5 }, folder["c"]));
    }

    [Fact]
    public void Train_CheckpointOfAnotherModel_NamesTheTensorAndChangesNothing()
    {
        using TemporaryFolder folder = new();
        Run(s_options, folder["c"]);
        using TaskModel model = Samples.Faults(hidden: 32, layers: 2);
        string before = Samples.Bits(model.Parameters);
        TrainingException exception = Assert.Throws<TrainingException>(() => Steps(model, s_options, folder["c"]).Count());
        Assert.Contains("roberta.", exception.Message);
        Assert.Contains(", 16]", exception.Message);
        Assert.Contains(", 32]", exception.Message);
        Assert.Equal(before, Samples.Bits(model.Parameters));
    }

    [Fact]
    public void Train_DamagedCheckpoint_IsRefusedAndChangesNothing()
    {
        using TemporaryFolder folder = new();
        Run(s_options, folder["c"]);
        byte[] bytes = File.ReadAllBytes(folder["c"]);
        using TaskModel model = Model(2);
        string before = Samples.Bits(model.Parameters);
        foreach (int length in new[] { 0, 5, 8, 100, bytes.Length / 2, bytes.Length - 4, bytes.Length - 1 })
        {
            File.WriteAllBytes(folder["cut"], bytes[..length]);
            Assert.Contains("cut", Assert.Throws<CheckpointException>(() => Steps(model, s_options, folder["cut"]).Count()).Message);
        }

        // Whole files that lack something.
        string options;
        using (SafetensorsFile file = SafetensorsFile.Open(folder["c"]))
        {
            options = file.Metadata["options"];
        }

        Dictionary<string, string> metadata = new() { ["format_version"] = "1", ["options"] = options, ["step"] = "3", ["best_score"] = "0", ["best_step"] = "0" };
        TensorToWrite[] tensors = [.. model.Parameters.Parameters.Select(ParameterFile.ToWrite)];
        long count = model.Parameters.Count;
        TensorToWrite Moment(string name, long size) => new(name, [size], values => values.Clear());
        (TensorToWrite[], Dictionary<string, string>)[] bad =
        [
            (tensors, metadata),
            ([.. tensors, Moment("optimiser.first_moment", count), Moment("optimiser.second_moment", count - 1)], metadata),
            ([.. tensors, Moment("optimiser.first_moment", count), Moment("optimiser.second_moment", count)], new(metadata) { ["step"] = "three" }),
            ([.. tensors, Moment("optimiser.first_moment", count), Moment("optimiser.second_moment", count), Moment("best.0", 1)], metadata),
        ];
        foreach ((TensorToWrite[] content, Dictionary<string, string> head) in bad)
        {
            SafetensorsWriter.Write(folder["bad"], content.Select(tensor => tensor with { Read = values => values.Clear() }), head);
            Assert.Contains("bad", Assert.Throws<CheckpointException>(() => Steps(model, s_options, folder["bad"]).Count()).Message);
        }

        SafetensorsWriter.Write(folder["bad"], tensors, new Dictionary<string, string>(metadata) { ["format_version"] = "2" });
        Assert.Contains("format_version 2", Assert.Throws<TrainingException>(() => Steps(model, s_options, folder["bad"]).Count()).Message);
        Assert.Equal(before, Samples.Bits(model.Parameters));
    }

    [Fact]
    public void Train_Schedule_WarmsUpAndFalls()
    {
        using TaskModel model = Model(1);
        TrainingStep[] steps = [.. Steps(model, s_options with { Steps = 10, WarmupShare = 0.2 })];
        Assert.Equal(Enumerable.Range(1, 10), steps.Select(step => step.Step));
        Assert.Equal(steps.Max(step => step.LearningRate), s_options.LearningRate, s_options.LearningRate / 2);
        Assert.True(steps[^1].LearningRate < steps[4].LearningRate);
        Assert.All(steps, step => Assert.True(step is { Tokens: > 0, GradientNorm: > 0, Steps: 10, ValidationScore: null }));
    }

    [Fact]
    public void Trainer_BadSettings_AreAllToldAtOnce()
    {
        using TaskModel model = Model(1);
        using Workers workers = new(1);
        FaultTrainingTask task = new(model, Samples.Functions(2, 1));
        TrainerOptions bad = new() { Steps = -1, BatchSize = 0, LearningRate = double.NaN, WarmupShare = 1, WeightDecay = -1, ValidateEvery = -1 };
        string message = Assert.Throws<ArgumentException>(() => new Trainer(model.Parameters, task, bad, workers)).Message;
        Assert.All(["steps", "batch_size", "learning_rate", "warmup_share", "weight_decay", "validate_every"], name => Assert.Contains(name, message));
        Assert.Contains("no items", Assert.Throws<ArgumentException>(() => new Trainer(model.Parameters, new FaultTrainingTask(model, []), new TrainerOptions(), workers)).Message);
        Assert.Empty(new Trainer(model.Parameters, new FaultTrainingTask(model, []), new TrainerOptions { Steps = 0 }, workers).Train());
    }

    private static TaskModel Model(int seed) => Samples.Faults(seed, hidden: 16, layers: 2, dropout: 0.1f);

    private static IEnumerable<TrainingStep> Steps(TaskModel model, TrainerOptions options, string? checkpoint = null, Func<double>? validate = null, int threads = 1, CancellationToken cancellationToken = default)
    {
        using Workers workers = new(threads);
        FaultTrainingTask task = new(model, Samples.Functions(10, 1));
        foreach (TrainingStep step in new Trainer(model.Parameters, task, options, workers).Train(validate, checkpoint, cancellationToken))
        {
            yield return step;
        }
    }

    private static string Run(TrainerOptions options, string? checkpoint = null, int threads = 1, int init = 1)
    {
        using TaskModel model = Model(init);
        Assert.True(double.IsFinite(Steps(model, options, checkpoint, threads: threads).Last().Loss));
        return Samples.Bits(model.Parameters);
    }
}
