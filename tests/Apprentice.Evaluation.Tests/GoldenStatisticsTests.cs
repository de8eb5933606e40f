using System.Text.Json;

namespace Apprentice.Evaluation.Tests;

public sealed class GoldenStatisticsTests
{
    [Fact]
    public void Bootstrap_GivenResamples_EqualsReference()
    {
        JsonElement root = GoldenFile.Read("bootstrap");
        double[] values = root.GetProperty("values").Doubles();
        int[] labels = root.GetProperty("labels").Integers(), predicted = root.GetProperty("predicted").Integers();
        RatioStatistic mean = RatioStatistic.Mean(values);
        RatioStatistic f1 = new([.. labels.Zip(predicted, (y, p) => 2.0 * y * p)], [.. labels.Zip(predicted, (y, p) => (double)(y + p))], 0);
        foreach ((string name, IWeightedStatistic statistic) in new (string, IWeightedStatistic)[] { ("mean", mean), ("f1", f1) })
        {
            List<double> samples = [];
            foreach (JsonElement resample in root.GetProperty("resamples").EnumerateArray())
            {
                double[] weights = new double[values.Length];
                foreach (int item in resample.Integers())
                {
                    weights[item]++;
                }

                samples.Add(statistic.Evaluate(weights));
            }

            JsonElement expected = root.GetProperty(name);
            GoldenFile.Check(expected.GetProperty("point"), statistic.Point(), name);
            for (int i = 0; i < 5; i++)
            {
                GoldenFile.Check(expected.GetProperty("first_five")[i], samples[i], $"{name} resample {i}");
            }

            (double low, double high) = Bootstrap.Interval([.. samples], 0.95);
            GoldenFile.Check(expected.GetProperty("interval")[0], low, $"{name} low");
            GoldenFile.Check(expected.GetProperty("interval")[1], high, $"{name} high");
        }
    }

    [Fact]
    public void McNemar_EveryCase_EqualsReference()
    {
        foreach (JsonElement item in Root("mcnemar"))
        {
            McNemar test = McNemar.Test(item.GetProperty("b").GetInt32(), item.GetProperty("c").GetInt32());
            GoldenFile.Check(item.GetProperty("exact_p"), test.ExactP, "exact");
            GoldenFile.Check(item.GetProperty("mid_p"), test.MidP, "mid");
            GoldenFile.Check(item.GetProperty("chi2_continuity"), test.ChiSquare, "chi square");
            GoldenFile.Check(item.GetProperty("chi2_p"), test.ChiSquareP, "chi square p");
        }
    }

    [Fact]
    public void Wilcoxon_EveryCase_EqualsReference()
    {
        foreach (JsonElement item in Root("wilcoxon"))
        {
            string name = $"{item.GetProperty("name")} {item.GetProperty("alternative")} {item.GetProperty("method")} {item.GetProperty("zero_method")}";
            Wilcoxon test = Wilcoxon.Test(item.GetProperty("differences").Doubles(), new WilcoxonOptions
            {
                Alternative = item.GetProperty("alternative").GetString() switch { "greater" => Alternative.Greater, "less" => Alternative.Less, _ => Alternative.TwoSided },
                Exact = item.GetProperty("method").GetString() == "exact",
                Pratt = item.GetProperty("zero_method").GetString() == "pratt",
                ContinuityCorrection = item.GetProperty("correction").GetBoolean(),
            });
            GoldenFile.Check(item.GetProperty("statistic"), test.Statistic, name);
            GoldenFile.Check(item.GetProperty("p"), test.P, name);
        }
    }

    [Fact]
    public void SignFlip_AllPatterns_EqualsReference()
    {
        foreach (JsonElement item in Root("permutation"))
        {
            double[] differences = [.. item.GetProperty("a").Doubles().Zip(item.GetProperty("b").Doubles(), (a, b) => a - b)];
            (double twoSided, double greater) = Permutation.SignFlip(differences);
            GoldenFile.Check(item.GetProperty("mean_difference"), differences.Average(), "mean");
            GoldenFile.Check(item.GetProperty("p_two_sided"), twoSided, "two-sided");
            GoldenFile.Check(item.GetProperty("p_greater"), greater, "greater");
        }
    }

    [Fact]
    public void Exchange_OfMeans_AgreesWithSignFlip()
    {
        foreach (JsonElement item in Root("permutation"))
        {
            double[] a = item.GetProperty("a").Doubles(), b = item.GetProperty("b").Doubles();
            double p = Permutation.Exchange(RatioStatistic.Mean(a), RatioStatistic.Mean(b));

            // 10,000 random exchanges: four standard errors are at most 0.02.
            Assert.Equal(item.GetProperty("p_two_sided").GetDouble(), p, 0.02);
        }
    }

    [Fact]
    public void MultipleTests_EveryCase_EqualsReference()
    {
        foreach (JsonElement item in Root("adjust"))
        {
            double[] p = item.GetProperty("p").Doubles();
            (string Key, double[] Values)[] adjusted =
                [("holm", MultipleTests.Holm(p)), ("bonferroni", MultipleTests.Bonferroni(p)), ("benjamini_hochberg", MultipleTests.BenjaminiHochberg(p))];
            foreach ((string key, double[] values) in adjusted)
            {
                for (int i = 0; i < p.Length; i++)
                {
                    GoldenFile.Check(item.GetProperty(key)[i], values[i], key);
                }
            }
        }
    }

    [Fact]
    public void EffectSize_EveryCase_EqualsReference()
    {
        foreach (JsonElement item in Root("effect"))
        {
            double[] a = item.GetProperty("a").Doubles(), b = item.GetProperty("b").Doubles();
            GoldenFile.Check(item.GetProperty("cliffs_delta"), EffectSize.CliffsDelta(a, b), "delta");
            GoldenFile.Check(item.GetProperty("a12"), EffectSize.A12(a, b), "A12");
            GoldenFile.Check(item.GetProperty("mann_whitney_u"), EffectSize.MannWhitneyU(a, b), "U");
        }
    }

    [Fact]
    public void Correlation_Ties_EqualsReference()
    {
        JsonElement item = GoldenFile.Read("statistics").GetProperty("correlation");
        double[] x = item.GetProperty("x").Doubles(), y = item.GetProperty("y").Doubles();
        GoldenFile.Check(item.GetProperty("pearson"), Correlation.Pearson(x, y), "Pearson");
        GoldenFile.Check(item.GetProperty("spearman"), Correlation.Spearman(x, y), "Spearman");
        GoldenFile.Check(item.GetProperty("kendall_tau_b"), Correlation.Kendall(x, y), "Kendall");
    }

    private static IEnumerable<JsonElement> Root(string name) => GoldenFile.Read("statistics").GetProperty(name).EnumerateArray();
}
