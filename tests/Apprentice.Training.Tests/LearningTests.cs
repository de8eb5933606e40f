using Apprentice.Code;
using Apprentice.Compute;

namespace Apprentice.Training.Tests;

/// <summary>Does it learn at all, and only what is there?</summary>
public sealed class LearningTests
{
    [Fact]
    public void Overfit_ArbitraryLabelsOn32Functions_ReachesLineF1Of1()
    {
        List<(string Code, Language Language, IReadOnlyList<int> FaultyLines)> functions = Samples.Functions(32, 1, (i, _) => Samples.StatementLines[i * 7 % 6]);
        using TaskModel model = Samples.Faults();
        using Workers workers = new(2);
        List<double> losses = Train(model, functions, new TrainerOptions { Steps = 150, BatchSize = 16, LearningRate = 3e-3, WeightDecay = 0 }, workers);
        int right = 0;
        int wrong = 0;
        foreach ((LineScores scores, (_, _, IReadOnlyList<int> faulty)) in FaultLocalizer.Predict(model, functions.Select(f => (f.Code, f.Language)), workers).Zip(functions))
        {
            int[] named = [.. Enumerable.Range(1, scores.Lines.Length).Where(line => scores.Lines[line - 1] > 0.5)];
            right += named.Count(faulty.Contains);
            wrong += named.Count(line => !faulty.Contains(line));
        }

        Assert.True(right == 32 && wrong == 0, $"{right} of 32 lines found, {wrong} wrong ones; loss {losses[0]:f2} → {losses[^1]:f3}");
        Assert.True(losses[..5].Average() > 1.5 && losses[^5..].Average() < 0.2);
    }

    [Fact]
    public void HeldOut_PlantedPattern_IsFound() => Assert.InRange(HeldOutTop1((_, line) => line), 0.9, 1);

    [Fact]
    public void HeldOut_ShuffledLabels_StaysAtChance()
    {
        // Labels are moved so that every statement, the marked one included, has a sixth of them: nothing is left to learn. Chance is a sixth.
        // Among 60 held-out functions 0.36 is four standard deviations above it.
        double top1 = HeldOutTop1((i, line) => Samples.StatementLines[(line - 3 + i) % 6]);
        Assert.InRange(top1, 0, 0.36);
    }

    private static double HeldOutTop1(Func<int, int, int> label)
    {
        using TaskModel model = Samples.Faults(layers: 1);
        using Workers workers = new(2);
        Train(model, Samples.Functions(96, 5, label), new TrainerOptions { Steps = 100, BatchSize = 16, LearningRate = 4e-3 }, workers);
        List<(string Code, Language Language, IReadOnlyList<int> FaultyLines)> held = Samples.Functions(60, 6);
        return FaultLocalizer.Predict(model, held.Select(f => (f.Code, f.Language)), workers).Zip(held)
            .Average(item => item.First.Lines.IndexOf(item.First.Lines.Max()) + 1 == item.Second.FaultyLines[0] ? 1.0 : 0);
    }

    private static List<double> Train(TaskModel model, List<(string, Language, IReadOnlyList<int>)> functions, TrainerOptions options, Workers workers) =>
        [.. new Trainer(model.Parameters, new FaultTrainingTask(model, functions), options, workers).Train().Select(step => step.Loss)];
}
