using Apprentice.Compute;

namespace Apprentice.Training.Tests;

public sealed class CloneDetectorTests
{
    /// <summary>Two ways to sum the same products in float32.</summary>
    private const double Tolerance = 1e-6;

    private static readonly string s_long = string.Concat(Enumerable.Range(0, 200).Select(i => $"    total{i} = left + {i};\n"));

    [Theory]
    [InlineData("siamese")]
    [InlineData("pair")]
    public void Predict_BothOrders_AreEqual(string head)
    {
        using TaskModel model = Samples.Clones(head);
        using Workers workers = new(2);
        (string A, string B)[] pairs = [.. Enumerable.Range(0, 12).Select(i => (Samples.Function(i, 1).Code, Samples.Function(i, 2).Code)), ("", s_long), ("x", "x")];
        double[] forward = CloneDetector.Predict(model, pairs, workers);
        double[] backward = CloneDetector.Predict(model, [.. pairs.Select(pair => (pair.B, pair.A))], workers);
        Assert.Equal(pairs.Length, forward.Length);
        Assert.All(forward.Zip(backward), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        Assert.All(forward, score => Assert.InRange(score, head == "pair" ? 0 : -1 - Tolerance, 1 + Tolerance));
    }

    [Fact]
    public void Predict_IdenticalFunctions_ScoreOne()
    {
        using TaskModel model = Samples.Clones();
        using Workers workers = new(1);
        Assert.All(CloneDetector.Predict(model, [("a;", "a;"), (s_long, s_long), ("", "")], workers), score => Assert.Equal(1, score, Tolerance));
        Assert.Empty(CloneDetector.Predict(model, [], workers));
    }

    [Fact]
    public void Embed_AloneOrAmongOthers_IsTheSameUnitVector()
    {
        using TaskModel model = Samples.Clones();
        using Workers workers = new(2);
        List<string> functions = [.. Enumerable.Range(0, 60).Select(i => Samples.Function(i, 3).Code), s_long, "", "x"];
        float[][] together = [.. CloneDetector.Embed(model, functions, workers)];
        for (int i = 0; i < functions.Count; i += 3)
        {
            float[] alone = Assert.Single(CloneDetector.Embed(model, [functions[i]], workers));
            Assert.All(alone.Zip(together[i]), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
            Assert.Equal(1, CloneDetector.Cosine(alone, alone), Tolerance);
        }
    }

    [Fact]
    public void Embed_LongFunction_UsesAllWindows()
    {
        using TaskModel model = Samples.Clones();
        using Workers workers = new(1);
        IReadOnlyList<int[]> windows = FunctionTokens.Cut(s_long, Samples.Tokenizer, model.MaximumLength);
        Assert.True(windows.Count > 3);
        Assert.Equal(Samples.Tokenizer.Encode(s_long, Tokenizers.EncodeOptions.Plain).Ids, windows.SelectMany(window => window[1..^1]));

        // A change behind the first window moves the vector.
        float[][] vectors = [.. CloneDetector.Embed(model, [s_long, s_long[..^30] + "while (x) y(z, z, z, z);      "], workers)];
        Assert.True(CloneDetector.Cosine(vectors[0], vectors[1]) < 1 - Tolerance);
    }

    [Theory]
    [InlineData("siamese")]
    [InlineData("pair")]
    public void Training_PlantedPairs_AreLearned(string head)
    {
        // A clone is the same function under another name; a non-clone is another function.
        using TaskModel model = Samples.Clones(head);
        using Workers workers = new(2);
        (string A, string B, int Label)[] Pairs(int seed) =>
        [
            .. Enumerable.Range(0, 24).Select(i => (Samples.Function(i, seed).Code, Samples.Function(i, seed).Code.Replace($"F{i}(", $"Other{i}(", StringComparison.Ordinal), 1)),
            .. Enumerable.Range(0, 24).Select(i => (Samples.Function(i, seed).Code, Samples.Function(i, seed + 1).Code, 0)),
        ];
        CloneTrainingTask task = new(model, Pairs(10));
        Assert.Equal((48, 0), (task.Count, task.ShortenedSides));
        TrainingStep[] steps = [.. new Trainer(model.Parameters, task, new TrainerOptions { Steps = 60, BatchSize = 12, LearningRate = 2e-3 }, workers).Train()];
        Assert.True(steps[^5..].Average(step => step.Loss) < 0.85 * steps[..5].Average(step => step.Loss), $"{steps[0].Loss} → {steps[^1].Loss}");
        if (head == "siamese")
        {
            (string A, string B, int Label)[] held = Pairs(20);
            double[] scores = CloneDetector.Predict(model, [.. held.Select(pair => (pair.A, pair.B))], workers);
            double lowestClone = scores.Zip(held).Where(item => item.Second.Label == 1).Min(item => item.First);
            Assert.True(scores.Zip(held).Count(item => item.Second.Label == 0 && item.First < lowestClone) >= 20);
        }
    }

    [Fact]
    public void TrainingTask_LongSides_AreCounted()
    {
        using TaskModel model = Samples.Clones();
        Assert.Equal(3, new CloneTrainingTask(model, [("a", s_long, 1), (s_long, s_long, 0), ("a", "b", 0)]).ShortenedSides);
    }
}
