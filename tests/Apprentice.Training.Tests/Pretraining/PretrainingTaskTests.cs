using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Training.Tests;

public sealed class PretrainingTaskTests
{
    private static readonly PretrainingOptions s_options = new()
    {
        TrainingLength = 96, Trainer = new TrainerOptions { Steps = 30, BatchSize = 12, LearningRate = 3e-3, Seed = 2 },
    };

    private static readonly (string Code, Language Language)[] s_functions = [.. Enumerable.Range(0, 64).Select(i => (Samples.Function(i, 8).Code, Language.CSharp))];

    [Fact]
    public void Train_ThirtySteps_LossesAreFiniteFallAndRepeat()
    {
        (List<(double Masked, double Pointer, double Contrast)> losses, string bits) = Run(threads: 2);
        Assert.All(losses, loss => Assert.True(double.IsFinite(loss.Masked) && double.IsFinite(loss.Pointer) && double.IsFinite(loss.Contrast)));
        Assert.True(losses[^5..].Average(loss => loss.Masked) < losses[..5].Average(loss => loss.Masked) - 0.5);
        Assert.True(losses[^10..].Average(loss => loss.Contrast) < losses[..5].Average(loss => loss.Contrast));
        Assert.True(losses[^10..].Average(loss => loss.Pointer) < losses[..5].Average(loss => loss.Pointer) + 0.1);
        Assert.Equal(bits, Run(threads: 1).Bits);
    }

    [Fact]
    public void Loss_Masking_HasTheStatedShares()
    {
        // All functions for masked tokens; the mask shows in what the encoder sees, which the recording model tells.
        using TaskModel model = TaskModel.CreateRandom(Samples.Config(16, 1), Samples.Tokenizer, new TaskSettings(), 1, withLanguageHead: true);
        int maskId = Samples.Tokenizer.MaskId;
        int changed = 0;
        int masked = 0;
        int total = 0;
        SeededRandom random = new(3);
        for (int i = 0; i < 400; i++)
        {
            int[] original = FunctionTokens.Cut(s_functions[i % 64].Code, Samples.Tokenizer, 128)[0];
            int[] ids = [.. original];
            List<int> rows = [];
            List<int> labels = [];
            PretrainingTask.Mask(ids, random, 0, rows, labels, 0.15, maskId, Samples.Tokenizer.VocabularySize);
            Assert.Equal(original[0], ids[0]);
            Assert.Equal(original[^1], ids[^1]);
            Assert.Equal(rows.Select(row => original[row]), labels);
            total += original.Length - 2;
            changed += rows.Count;
            masked += ids.Count(id => id == maskId);
        }

        // About 40,000 tokens: a deviation of 0.2 and 0.5 points.
        Assert.Equal(0.15, (double)changed / total, 0.01);
        Assert.Equal(0.80, (double)masked / changed, 0.025);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Loss_SmallBatches_HaveALoss(int items)
    {
        using TaskModel model = TaskModel.CreateRandom(Samples.Config(16, 1), Samples.Tokenizer, new TaskSettings(), 1, withLanguageHead: true);
        PretrainingTask task = new(model, [("x", Language.CSharp), .. s_functions], s_options);
        using Workers workers = new(1);
        using Tape tape = new(workers) { Training = true };
        for (int seed = 0; seed < 10; seed++)
        {
            tape.Reset();
            (Tensor loss, int tokens) = task.Loss(tape, [.. Enumerable.Range(seed % 3, items)], new SeededRandom((ulong)seed));
            Assert.True(float.IsFinite(loss.Span[0]) && tokens > 0);
            tape.Backward(loss);
        }
    }

    private static (List<(double Masked, double Pointer, double Contrast)> Losses, string Bits) Run(int threads)
    {
        using TaskModel model = TaskModel.CreateRandom(Samples.Config(32, 1, dropout: 0.1f), Samples.Tokenizer, new TaskSettings(), 1, withLanguageHead: true);
        using Workers workers = new(threads);
        PretrainingTask task = new(model, s_functions, s_options);
        List<(double, double, double)> losses = [.. new Trainer(model.Parameters, task, s_options.Trainer, workers).Train().Select(_ => task.LastLosses)];
        return (losses, Samples.Bits(model.Parameters));
    }
}
