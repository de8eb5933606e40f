using System.Text.Json;

namespace Apprentice.Evaluation.Tests;

public sealed class GoldenMetricsTests
{
    [Fact]
    public void Classification_Binary_EqualsReference()
    {
        foreach (JsonElement item in GoldenFile.Read("classification").GetProperty("binary").EnumerateArray())
        {
            string name = item.GetProperty("name").GetString()!;
            double[] scores = item.GetProperty("scores").Doubles();
            bool[] labels = [.. item.GetProperty("labels").Integers().Select(label => label == 1)];
            Confusion confusion = Confusion.At(scores, labels, item.GetProperty("threshold").GetDouble());
            (string Key, double Value)[] values =
            [
                ("tp", confusion.TruePositives), ("fp", confusion.FalsePositives), ("fn", confusion.FalseNegatives), ("tn", confusion.TrueNegatives),
                ("precision", confusion.Precision), ("recall", confusion.Recall), ("f1", confusion.F1), ("macro_f1", confusion.MacroF1),
                ("accuracy", confusion.Accuracy), ("balanced_accuracy", confusion.BalancedAccuracy), ("mcc", confusion.Matthews),
                ("average_precision", new AveragePrecisionStatistic(scores, labels).Point()), ("roc_auc", new RocAucStatistic(scores, labels).Point()),
                ("log_loss", Probabilities.LogLoss(scores, labels)), ("brier", Probabilities.Brier(scores, labels)),
            ];
            foreach ((string key, double value) in values)
            {
                GoldenFile.Check(item.GetProperty(key), value, $"{name} {key}");
            }
        }
    }

    [Fact]
    public void Classification_Multiclass_EqualsReference()
    {
        JsonElement item = GoldenFile.Read("classification").GetProperty("multiclass");
        MulticlassConfusion confusion = new(item.GetProperty("labels").Integers(), item.GetProperty("predicted").Integers(), item.GetProperty("classes").GetInt32());
        GoldenFile.Check(item.GetProperty("accuracy"), confusion.Accuracy, "accuracy");
        GoldenFile.Check(item.GetProperty("micro_f1"), confusion.Accuracy, "micro F1");
        GoldenFile.Check(item.GetProperty("macro_f1"), confusion.MacroF1, "macro F1");
        GoldenFile.Check(item.GetProperty("weighted_f1"), confusion.WeightedF1, "weighted F1");
        GoldenFile.Check(item.GetProperty("mcc"), confusion.Matthews, "MCC");
        GoldenFile.Check(item.GetProperty("cohen_kappa"), confusion.Kappa, "kappa");
        int index = 0;
        foreach (JsonElement f1 in item.GetProperty("per_class_f1").EnumerateArray())
        {
            GoldenFile.Check(f1, confusion.F1(index++), "class F1");
        }
    }

    [Fact]
    public void Ranking_Ties_EqualEnumerationOfAllOrders()
    {
        JsonElement root = GoldenFile.Read("ranking");
        List<LineRanking> rankings = [];
        foreach (JsonElement item in root.GetProperty("items").EnumerateArray())
        {
            LineRanking ranking = LineRanking.Of(item.GetProperty("scores").Doubles(), [.. item.GetProperty("gold").Integers().Select(line => line + 1)]);
            rankings.Add(ranking);
            int k = 1;
            foreach (JsonElement hit in item.GetProperty("expected_hit_at_k").EnumerateArray())
            {
                GoldenFile.Check(hit, ranking.HitAt(k), $"hit at {k++}");
            }

            GoldenFile.Check(item.GetProperty("first_rank_best"), ranking.FirstRankBest, "best");
            GoldenFile.Check(item.GetProperty("first_rank_worst"), ranking.FirstRankWorst, "worst");
            GoldenFile.Check(item.GetProperty("first_rank_average"), ranking.FirstRankAverage, "average");
            GoldenFile.Check(item.GetProperty("first_rank_expected"), ranking.FirstRank, "expected");
            GoldenFile.Check(item.GetProperty("mean_rank_expected"), ranking.MeanRank, "mean rank");
            GoldenFile.Check(item.GetProperty("expected_reciprocal_rank"), ranking.ReciprocalRank, "reciprocal rank");
            GoldenFile.Check(item.GetProperty("expected_average_precision"), ranking.AveragePrecision, "average precision");
        }

        JsonElement all = root.GetProperty("all_items");
        GoldenFile.Check(all.GetProperty("MFR_expected"), rankings.Average(ranking => ranking.FirstRank), "MFR");
        GoldenFile.Check(all.GetProperty("MAR"), rankings.Average(ranking => ranking.MeanRank), "MAR");
        GoldenFile.Check(all.GetProperty("MRR"), rankings.Average(ranking => ranking.ReciprocalRank), "MRR");
        GoldenFile.Check(all.GetProperty("MAP"), rankings.Average(ranking => ranking.AveragePrecision), "MAP");
        foreach (JsonProperty top in all.GetProperty("top").EnumerateObject())
        {
            GoldenFile.Check(top.Value, rankings.Average(ranking => ranking.HitAt(int.Parse(top.Name))), $"Top-{top.Name}");
        }
    }

    [Fact]
    public void Effort_PooledLines_EqualsReference()
    {
        JsonElement root = GoldenFile.Read("effort");
        List<ScoredLines> functions = [];
        List<LineRanking> rankings = [];
        foreach (JsonElement item in root.GetProperty("functions").EnumerateArray())
        {
            double[] scores = item.GetProperty("scores").Doubles();
            int[] gold = item.GetProperty("gold").Integers();
            functions.Add(new ScoredLines(item.GetProperty("predicted").GetBoolean(), scores, [.. scores.Select((_, i) => gold.Contains(i))]));
            if (gold.Length > 0)
            {
                rankings.Add(LineRanking.Of(scores, [.. gold.Select(line => line + 1)]));
            }
        }

        GoldenFile.Check(root.GetProperty("effort_at_20_recall"), new EffortStatistic(functions).Point(), "effort");
        GoldenFile.Check(root.GetProperty("recall_at_1_loc"), new RecallAtEffortStatistic(functions).Point(), "recall at 1 %");
        GoldenFile.Check(root.GetProperty("recall_at_10_loc"), new RecallAtEffortStatistic(functions, 0.1).Point(), "recall at 10 %");
        GoldenFile.Check(root.GetProperty("recall_at_20_loc"), new RecallAtEffortStatistic(functions, 0.2).Point(), "recall at 20 %");
        GoldenFile.Check(root.GetProperty("IFA"), rankings.Average(ranking => ranking.FalseAlarms), "IFA");
        GoldenFile.Check(root.GetProperty("EXAM"), rankings.Average(ranking => ranking.Exam), "EXAM");
    }

    [Fact]
    public void Retrieval_MapAtR_EqualsReference()
    {
        JsonElement root = GoldenFile.Read("retrieval");
        double[][] vectors = [.. root.GetProperty("vectors").EnumerateArray().Select(vector => vector.Doubles())];
        int[] labels = root.GetProperty("labels").Integers();
        double Cosine(int i, int j) => vectors[i].Zip(vectors[j], (a, b) => a * b).Sum()
            / Math.Sqrt(vectors[i].Sum(a => a * a) * vectors[j].Sum(b => b * b));
        double[] values = Retrieval.AveragePrecisionAtR(Cosine, labels);
        int item = 0;
        foreach (JsonElement expected in root.GetProperty("average_precision_at_r").EnumerateArray())
        {
            GoldenFile.Check(expected, values[item++], "AP@R");
        }

        GoldenFile.Check(root.GetProperty("map_at_r"), Retrieval.MapAtR(Cosine, labels), "MAP@R");
    }
}
