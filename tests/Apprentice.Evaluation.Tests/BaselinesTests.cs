using Apprentice.Data;
using Apprentice.Testing;

namespace Apprentice.Evaluation.Tests;

public sealed class BaselinesTests
{
    // Figures known from an independent implementation, rounded to a tenth; which signs it counts as operators is known only roughly (0.35 points off).
    private const double Points = 0.4;

    private static readonly EvaluationOptions s_quick = new() { Resampling = new ResamplingOptions { Resamples = 100 } };

    [Theory]
    [InlineData("real", "random line", 8.8, 24.6, 37.8, 12.6)]
    [InlineData("real", "longest line", 14.5, 32.1, 44.0, 11.4)]
    [InlineData("real", "most operators", 18.7, 38.4, 51.2, 9.7)]
    [InlineData("real", "most tokens", 19.0, 38.7, 50.9, 9.9)]
    [InlineData("mined", "random line", 11.4, null, 44.7, null)]
    [InlineData("mined", "longest line", 15.9, null, 49.9, null)]
    [InlineData("mined", "most operators", 23.4, null, 59.2, null)]
    [InlineData("mined", "most tokens", 21.1, null, 58.2, null)]
    public async Task OfLines_DevelopmentTest_MatchKnownFigures(string set, string name, double top1, double? top3, double top5, double? mfr)
    {
        List<FaultExample> examples = await FaultDataset.ReadAllAsync(SharedFiles.Require($"data/fl.{set}.test.jsonl.gz"));
        Func<FaultExample, LinePrediction> predict = Baselines.OfLines.Single(baseline => baseline.Name == name).Predict;
        MetricValues values = FaultEvaluation.Score(examples, [.. examples.Select(predict)], s_quick).Overall;
        string found = $"{name}: {100 * values[Metric.Top1].Value:F2} {100 * values[Metric.Top3].Value:F2} {100 * values[Metric.Top5].Value:F2} {values[Metric.Mfr].Value:F2}";
        Assert.True(Math.Abs(100 * values[Metric.Top1].Value - top1) <= Points, found);
        Assert.True(top3 is null || Math.Abs(100 * values[Metric.Top3].Value - top3.Value) <= Points, found);
        Assert.True(Math.Abs(100 * values[Metric.Top5].Value - top5) <= Points, found);
        Assert.True(mfr is null || Math.Abs(values[Metric.Mfr].Value - mfr.Value) <= Points, found);
    }

    [Fact]
    public async Task TokenOverlap_DevelopmentTest_MatchesKnownFigures()
    {
        List<ClonePair> pairs = await CloneDataset.ReadAllAsync(SharedFiles.Require("data/clone.real.test.jsonl.gz"));
        EvaluationReport report = CloneEvaluation.Score(pairs, [.. pairs.Select(Baselines.TokenOverlap)], s_quick);
        double same = report.By("reach").Single(group => group.Name == "same language").Metrics[Metric.AveragePrecision].Value;
        double across = report.By("reach").Single(group => group.Name == "across languages").Metrics[Metric.AveragePrecision].Value;
        double all = report.Overall[Metric.AveragePrecision].Value;
        Assert.Equal(0.759, all, 0.0006);
        Assert.Equal(0.792, same, 0.0006);
        Assert.Equal(0.744, across, 0.0006);
    }
}
