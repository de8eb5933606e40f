namespace Apprentice.Evaluation;

/// <summary>Counts of right and wrong binary decisions; fractional where several runs were averaged.</summary>
/// <param name="TruePositives">Positives called positive.</param>
/// <param name="FalsePositives">Negatives called positive.</param>
/// <param name="FalseNegatives">Positives called negative.</param>
/// <param name="TrueNegatives">Negatives called negative.</param>
public readonly record struct Confusion(double TruePositives, double FalsePositives, double FalseNegatives, double TrueNegatives)
{
    /// <summary>TP / (TP + FP), or 0 when nothing was called positive.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>TP / (TP + FN), or 0 without positives.</summary>
    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>2TP / (2TP + FP + FN), or 0 when that is 0 / 0.</summary>
    public double F1 => Ratio(2 * TruePositives, 2 * TruePositives + FalsePositives + FalseNegatives);

    /// <summary>Mean of the F1 of both classes.</summary>
    public double MacroF1 => (F1 + Ratio(2 * TrueNegatives, 2 * TrueNegatives + FalsePositives + FalseNegatives)) / 2;

    /// <summary>Share of right decisions.</summary>
    public double Accuracy => Ratio(TruePositives + TrueNegatives, TruePositives + TrueNegatives + FalsePositives + FalseNegatives);

    /// <summary>Mean of the recall of both classes; NaN when a class is absent.</summary>
    public double BalancedAccuracy =>
        TruePositives + FalseNegatives == 0 || TrueNegatives + FalsePositives == 0
            ? double.NaN
            : (Recall + Ratio(TrueNegatives, TrueNegatives + FalsePositives)) / 2;

    /// <summary>Matthews correlation coefficient; 0 when a factor of its denominator is 0.</summary>
    public double Matthews => Ratio(
        TruePositives * TrueNegatives - FalsePositives * FalseNegatives,
        Math.Sqrt(TruePositives + FalsePositives) * Math.Sqrt(TruePositives + FalseNegatives)
        * Math.Sqrt(TrueNegatives + FalsePositives) * Math.Sqrt(TrueNegatives + FalseNegatives));

    /// <summary>Counts decisions: positive when the score is above the threshold; a score equal to it is negative.</summary>
    /// <param name="scores">One score for each item.</param>
    /// <param name="labels">True for the positives, same length.</param>
    /// <param name="threshold">The decision threshold.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static Confusion At(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels, double threshold)
    {
        if (scores.Length != labels.Length)
        {
            throw new ArgumentException($"{scores.Length} scores and {labels.Length} labels.", nameof(labels));
        }

        int truePositives = 0, falsePositives = 0, falseNegatives = 0, trueNegatives = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            switch (scores[i] > threshold, labels[i])
            {
                case (true, true): truePositives++; break;
                case (true, false): falsePositives++; break;
                case (false, true): falseNegatives++; break;
                default: trueNegatives++; break;
            }
        }

        return new Confusion(truePositives, falsePositives, falseNegatives, trueNegatives);
    }

    private static double Ratio(double part, double whole) => whole == 0 ? 0 : part / whole;
}
