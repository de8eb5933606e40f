namespace Apprentice.Evaluation;

/// <summary>How a metric's value is shown.</summary>
public enum MetricScale
{
    /// <summary>A share of 0 to 1, shown in percent.</summary>
    Share,

    /// <summary>A quality of 0 to 1, shown with three decimals.</summary>
    Score,

    /// <summary>A count of lines, shown with one decimal.</summary>
    Lines,
}

/// <summary>One thing that is measured: name, meaning, and which direction is better.</summary>
/// <param name="Name">Short name, unique, as in tables: <c>Top-1</c>.</param>
/// <param name="Scale">How values are shown.</param>
/// <param name="HigherIsBetter">True when larger values are better.</param>
/// <param name="Meaning">One sentence for people.</param>
public sealed record Metric(string Name, MetricScale Scale, bool HigherIsBetter, string Meaning)
{
    /// <summary>Share of faulty functions with a faulty line on rank 1.</summary>
    public static Metric Top1 { get; } = new("Top-1", MetricScale.Share, true, "Share of faulty functions whose most suspicious line is faulty; ties by expectation.");

    /// <summary>Share of faulty functions with a faulty line within rank 3.</summary>
    public static Metric Top3 { get; } = new("Top-3", MetricScale.Share, true, "Share of faulty functions with a faulty line among the 3 most suspicious; ties by expectation.");

    /// <summary>Share of faulty functions with a faulty line within rank 5.</summary>
    public static Metric Top5 { get; } = new("Top-5", MetricScale.Share, true, "Share of faulty functions with a faulty line among the 5 most suspicious; ties by expectation.");

    /// <summary>Mean first rank (MFR).</summary>
    public static Metric Mfr { get; } = new("MFR", MetricScale.Lines, false, "Mean over faulty functions of the first faulty line's expected rank.");

    /// <summary>Mean average rank (MAR).</summary>
    public static Metric Mar { get; } = new("MAR", MetricScale.Lines, false, "Mean over faulty functions of the mean expected rank of all faulty lines.");

    /// <summary>Mean reciprocal rank (MRR).</summary>
    public static Metric Mrr { get; } = new("MRR", MetricScale.Score, true, "Mean over faulty functions of 1 / first rank; ties by expectation.");

    /// <summary>Mean average precision over the lines of a function (MAP).</summary>
    public static Metric Map { get; } = new("MAP", MetricScale.Score, true, "Mean over faulty functions of the average precision of the line ranking; ties by expectation.");

    /// <summary>Share of a function's lines read until the first faulty one (EXAM).</summary>
    public static Metric Exam { get; } = new("EXAM", MetricScale.Share, false, "Mean over faulty functions of first rank / number of lines.");

    /// <summary>Initial false alarms (IFA).</summary>
    public static Metric Ifa { get; } = new("IFA", MetricScale.Lines, false, "Mean number of sound lines read before the first faulty one.");

    /// <summary>Precision at the threshold.</summary>
    public static Metric Precision { get; } = new("Precision", MetricScale.Score, true, "Share of what is called positive that is positive, pooled, at the stated threshold.");

    /// <summary>Recall at the threshold.</summary>
    public static Metric Recall { get; } = new("Recall", MetricScale.Score, true, "Share of the positives that is called positive, pooled, at the stated threshold.");

    /// <summary>F1 at the threshold.</summary>
    public static Metric F1 { get; } = new("F1", MetricScale.Score, true, "2TP / (2TP + FP + FN), pooled, at the stated threshold; 0 when nothing is found.");

    /// <summary>Accuracy at the threshold.</summary>
    public static Metric Accuracy { get; } = new("Accuracy", MetricScale.Share, true, "Share of right decisions at the stated threshold.");

    /// <summary>Share of all lines that must be read to find a fifth of the faulty ones.</summary>
    public static Metric Effort { get; } = new("Effort@20%", MetricScale.Share, false, "Lines read until 20 % of the faulty lines are found, as a share of all lines that are not blank; functions called faulty come first.");

    /// <summary>Share of the faulty lines in the first hundredth of all lines.</summary>
    public static Metric RecallAtOnePercent { get; } = new("Recall@1%LOC", MetricScale.Share, true, "Share of the faulty lines among the 1 % of lines read first; functions called faulty come first.");

    /// <summary>Area under the ROC curve of telling faulty functions from clean ones.</summary>
    public static Metric FunctionAuc { get; } = new("Function AUC", MetricScale.Score, true, "Chance that a faulty function gets a higher fault probability than a clean one; ties count half.");

    /// <summary>Average precision over all pairs (AP).</summary>
    public static Metric AveragePrecision { get; } = new("AP", MetricScale.Score, true, "Average precision over all pairs; equal scores form one threshold, no interpolation.");

    /// <summary>Area under the ROC curve over all pairs.</summary>
    public static Metric RocAuc { get; } = new("ROC-AUC", MetricScale.Score, true, "Chance that a clone scores higher than a non-clone; ties count half.");

    /// <inheritdoc/>
    public override string ToString() => Name;
}
