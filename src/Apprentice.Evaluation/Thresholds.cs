namespace Apprentice.Evaluation;

/// <summary>Choosing decision thresholds, on validation data only.</summary>
public static class Thresholds
{
    /// <summary>The threshold with the best F1, scores above it being positive.</summary>
    /// <param name="scores">One score for each item.</param>
    /// <param name="labels">True for the positives, same length.</param>
    /// <returns>The middle between the lowest score called positive and the next one below; 0.5 without positives.</returns>
    public static double BestF1(double[] scores, bool[] labels)
    {
        double positives = labels.Count(label => label);
        if (positives == 0)
        {
            return 0.5;
        }

        ScoreOrder order = new(scores, labels);
        double best = -1, threshold = 0.5, found = 0;
        for (int i = 0; i < order.Items.Length; i++)
        {
            found += order.Positive[i] ? 1 : 0;
            double f1 = 2 * found / (i + 1 + positives);
            if (order.EndsBlock[i] && f1 > best)
            {
                best = f1;
                double here = scores[order.Items[i]];
                threshold = i + 1 < order.Items.Length && double.IsFinite(scores[order.Items[i + 1]])
                    ? Between(scores[order.Items[i + 1]], here)
                    : Math.BitDecrement(here);
            }
        }

        return threshold;
    }

    // The middle, unless rounding takes it up to the higher score, which must stay above the threshold.
    private static double Between(double low, double high)
    {
        double middle = low + (high - low) / 2;
        return middle < high ? middle : low;
    }
}
