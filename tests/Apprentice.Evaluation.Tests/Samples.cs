using Apprentice.Data;

namespace Apprentice.Evaluation.Tests;

/// <summary>Small made-up data sets and reports.</summary>
internal static class Samples
{
    public static readonly EvaluationOptions Quick = new() { Resampling = new ResamplingOptions { Resamples = 500 } };

    public static FaultExample Fault(string id, int lines, params int[] faulty) => new()
    {
        Id = id,
        Language = "csharp",
        Code = string.Join('\n', Enumerable.Range(1, lines).Select(line => $"    Call{line}(value + {line});")),
        FaultyLines = faulty,
        Source = "made up",
        ProjectOrProblem = id[..1],
    };

    public static List<FaultExample> Faults(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            int lines = random.Next(3, 20);
            return Fault($"f{i}", lines, [.. Enumerable.Range(1, lines).OrderBy(_ => random.Next()).Take(random.Next(1, 3)).Order()]);
        })];
    }

    /// <summary>Scores in whole tenths, so that ties occur; a higher skill lifts faulty lines.</summary>
    public static List<LinePrediction> Predict(IReadOnlyList<FaultExample> examples, int seed, double skill)
    {
        Random random = new(seed);
        return [.. examples.Select(example => new LinePrediction(
            example.Id,
            [.. Enumerable.Range(1, Predictions.LineCount(example.Code)).Select(line => Math.Round(random.NextDouble() + (example.FaultyLines.Contains(line) ? skill : 0), 1))],
            Math.Round(random.NextDouble(), 2)))];
    }

    public static ReportDocument Report()
    {
        List<FaultExample> examples = Faults(60, 1);
        List<LinePrediction>[] before = [Predict(examples, 2, 0.1), Predict(examples, 3, 0.1)], after = [Predict(examples, 4, 0.6), Predict(examples, 5, 0.6)];
        List<LinePrediction> shuffled = Predict(examples, 6, 0.1), counted = [.. examples.Select(Baselines.MostOperators)];
        EvaluationReport beforeReport = FaultEvaluation.Score(examples, before, Quick), afterReport = FaultEvaluation.Score(examples, after, Quick);
        (string, ArmRole, EvaluationReport)[] arms =
        [
            ("most operators", ArmRole.Baseline, FaultEvaluation.Score(examples, counted, Quick)),
            ("before: 40 real", ArmRole.Before, beforeReport),
            ("after: 40 real + LLM", ArmRole.After, afterReport),
            ("control: labels shuffled", ArmRole.Control, FaultEvaluation.Score(examples, shuffled, Quick)),
        ];
        FaultExample shown = new()
        {
            Id = "shown",
            Language = "csharp",
            Code = "static int Sum(List<int> values)\n{\n\tint total = 0;\n    for (int i = 0; i <= values.Count; i++) // <= & \"quotes\" \u0001\n    {\n        total += values[i];\n    }\n    return total;\n}",
            FaultyLines = [4],
        };
        return new ReportDocument
        {
            Title = "Demo <report> & more",
            Summary = ["60 made-up functions, two runs each.", "After beats before in Top-1."],
            Headlines = [HeadlineChart.Of(Metric.Top1, arms), HeadlineChart.Of(Metric.Mfr, arms), HeadlineChart.Of(Metric.F1, arms)],
            Comparisons = [ReportTables.Differences("After against before", "before", "after", Comparison.Compare(examples, before, after, Quick))],
            Yield = [new("asked", 480), new("parsed", 471, "9 without a code block"), new("compiled", 440, "31 with errors"), new("validated", 395, "45 passed all tests"), new("unique", 380, "15 near duplicates"), new("selected", 200, "closest to the real set")],
            Losses = [.. from arm in new[] { "before", "after" } from run in Enumerable.Range(1, 3) select new LossCurve(arm, $"seed {run}", [.. Enumerable.Range(1, 60).Select(step => new LossPoint(step * 10, (arm == "after" ? 2.0 : 2.4) * Math.Exp(-step / 25.0) + 0.3 + 0.05 * Math.Sin(step * run)))])],
            Functions =
            [
                HeatFunction.Of("Sum: off by one", shown, [("before", new LinePrediction("shown", [0.3, -1e30, 0.5, 0.4, double.NegativeInfinity, 0.6, -1e30, 0.2, -1e30], 0.5)), ("after", new LinePrediction("shown", [0.1, -1e30, 0.2, 0.9, double.NegativeInfinity, 0.6, -1e30, 0.3, -1e30], 0.9))]),
            ],
            Tables = [ReportTables.ByArm("All arms", [.. arms.Select(arm => (arm.Item1, arm.Item3))]), ReportTables.ByGroup("After, by faulty line length", afterReport, "faulty line")],
            Settings = [new("Seed", "1, 2"), new("Base model", "built-in, SHA-256 0123abcd")],
        };
    }
}
