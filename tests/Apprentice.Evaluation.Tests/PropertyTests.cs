using Apprentice.Data;

namespace Apprentice.Evaluation.Tests;

public sealed class PropertyTests
{
    private static readonly Metric[] s_ranked = [Metric.Top1, Metric.Top3, Metric.Top5, Metric.Mfr, Metric.Mar, Metric.Mrr, Metric.Map, Metric.Exam, Metric.Ifa];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Score_RankingMetrics_IgnoreMonotoneTransformsAndOrder(int seed)
    {
        List<FaultExample> examples = Samples.Faults(40, seed);
        List<LinePrediction> predictions = Samples.Predict(examples, seed + 10, 0.3);
        List<LinePrediction> transformed = [.. predictions.Select(one => one with { LineScores = [.. one.LineScores.Select(score => Math.Exp(3 * score) - 7)] })];
        int[] order = [.. Enumerable.Range(0, examples.Count).OrderByDescending(i => i * 7919 % 41)];
        MetricValues plain = FaultEvaluation.Score(examples, predictions, Samples.Quick).Overall;
        MetricValues monotone = FaultEvaluation.Score(examples, transformed, Samples.Quick).Overall;
        MetricValues shuffled = FaultEvaluation.Score([.. order.Select(i => examples[i])], predictions, Samples.Quick).Overall;
        foreach (Metric metric in s_ranked)
        {
            Assert.Equal(plain[metric], monotone[metric]);
            Assert.Equal(plain[metric].Value, shuffled[metric].Value, 1e-12);
        }

        Assert.Equal(plain[Metric.F1].Value, shuffled[Metric.F1].Value, 1e-12);
        Assert.Equal(plain[Metric.Effort].Value, shuffled[Metric.Effort].Value, 1e-12);
    }

    [Fact]
    public void HitAt_AnyScores_NeverFallsWithK()
    {
        Random random = new(5);
        for (int trial = 0; trial < 300; trial++)
        {
            int n = random.Next(1, 15);
            double[] scores = [.. Enumerable.Range(0, n).Select(_ => (double)random.Next(4))];
            LineRanking ranking = LineRanking.Of(scores, [.. Enumerable.Range(1, n).OrderBy(_ => random.Next()).Take(random.Next(1, n + 1))]);
            double last = 0;
            for (int k = 1; k <= n; k++)
            {
                Assert.InRange(ranking.HitAt(k), last, 1);
                last = ranking.HitAt(k);
            }

            Assert.Equal(1, last, 1e-12);
            Assert.InRange(ranking.MeanRank, ranking.FirstRank - 1e-12, n);
        }
    }

    [Fact]
    public void Of_AllScoresEqual_EqualsChoosingAtRandom()
    {
        LineRanking ranking = LineRanking.Of(new double[10], [2, 7]);
        Assert.Equal(1 - 8 * 7 / 90.0, ranking.HitAt(2), 1e-12); // 1 − C(8, 2) / C(10, 2).
        Assert.Equal(11 / 3.0, ranking.FirstRank, 1e-12);
        Assert.Equal(5.5, ranking.MeanRank, 1e-12);
    }

    [Fact]
    public void Score_SeveralRuns_AreAveragedWithinItems()
    {
        List<FaultExample> examples = Samples.Faults(30, 1);
        List<LinePrediction> a = Samples.Predict(examples, 2, 0.2), b = Samples.Predict(examples, 3, 0.5);
        double Top(params IReadOnlyList<LinePrediction>[] runs) => FaultEvaluation.Score(examples, runs, Samples.Quick).Overall[Metric.Top1].Value;
        Assert.Equal((Top(a) + Top(b)) / 2, Top(a, b), 1e-12);
    }

    [Fact]
    public void Score_CopiesOfOneRun_ChangeNothing()
    {
        List<FaultExample> examples = [.. Samples.Faults(30, 1), Samples.Fault("clean", 8)];
        List<LinePrediction> run = Samples.Predict(examples, 2, 0.2);
        MetricValues one = FaultEvaluation.Score(examples, run, Samples.Quick).Overall, three = FaultEvaluation.Score(examples, [run, run, run], Samples.Quick).Overall;
        foreach (MetricValue value in one)
        {
            Assert.Equal(value.Estimate.Value, three[value.Metric].Value, 1e-12);
            Assert.Equal(value.Estimate.Low, three[value.Metric].Low, 1e-9);
        }

        Assert.True(one.Has(Metric.FunctionAuc));
    }

    [Fact]
    public void Compare_WithItself_FindsNothing()
    {
        List<FaultExample> examples = Samples.Faults(30, 1);
        List<LinePrediction> run = Samples.Predict(examples, 2, 0.2);
        foreach (MetricDifference difference in Comparison.Compare(examples, [run], [run], Samples.Quick).Differences)
        {
            Assert.Equal(new Estimate(0, 0, 0), difference.Difference);
            Assert.Equal(1, difference.P);
            Assert.False(difference.Improves);
        }
    }

    [Fact]
    public void Compare_MuchBetterModel_IsFoundAndSymmetric()
    {
        List<FaultExample> examples = Samples.Faults(120, 1);
        List<LinePrediction> weak = Samples.Predict(examples, 2, 0), strong = Samples.Predict(examples, 3, 0.8);
        ComparisonReport up = Comparison.Compare(examples, [weak], [strong], Samples.Quick), down = Comparison.Compare(examples, [strong], [weak], Samples.Quick);
        foreach (Metric metric in new[] { Metric.Top1, Metric.Mfr, Metric.Map })
        {
            Assert.True(up[metric].Improves);
            Assert.True(up[metric].P < 0.01);
            Assert.Equal(up[metric].Difference.Low, -down[metric].Difference.High, 1e-12);
            Assert.Equal(up[metric].P, down[metric].P, 1e-12);
        }
    }

    [Fact]
    public void Intervals_OfMean_CoverTheTruthAsOftenAsStated()
    {
        Random random = new(7);
        int covered = 0;
        for (int trial = 0; trial < 200; trial++)
        {
            double[] values = [.. Enumerable.Range(0, 60).Select(_ => random.NextDouble())];
            Estimate estimate = Bootstrap.Intervals([RatioStatistic.Mean(values)], new ResamplingOptions { Resamples = 400, Seed = (ulong)trial })[0];
            covered += estimate.Low <= 0.5 && estimate.High >= 0.5 ? 1 : 0;
        }

        // 95 % of 200 is 190; three standard errors are 9.
        Assert.InRange(covered, 179, 199);
    }

    [Fact]
    public void Intervals_WholeGroups_AreWiderWhenItemsOfAGroupAgree()
    {
        double[] values = [.. Enumerable.Range(0, 100).Select(i => (double)(i / 10 % 2))];
        int[] groups = [.. Enumerable.Range(0, 100).Select(i => i / 10)];
        Estimate items = Bootstrap.Intervals([RatioStatistic.Mean(values)])[0], whole = Bootstrap.Intervals([RatioStatistic.Mean(values)], groups: groups)[0];
        Assert.True(whole.High - whole.Low > 2 * (items.High - items.Low));
    }

    [Fact]
    public void ChooseThreshold_ValidationScores_GivesBestF1()
    {
        List<FaultExample> examples = Samples.Faults(50, 1);
        List<LinePrediction> run = Samples.Predict(examples, 2, 0.5);
        double threshold = FaultEvaluation.ChooseThreshold(examples, run);
        double F1(double at) => FaultEvaluation.Score(examples, run, Samples.Quick with { Threshold = at }).Overall[Metric.F1].Value;
        double best = F1(threshold);
        for (double at = -0.05; at < 1.6; at += 0.1)
        {
            Assert.True(F1(at) <= best + 1e-12);
        }
    }
}
