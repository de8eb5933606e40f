namespace Apprentice.Evaluation;

/// <summary>How good probabilities are as probabilities.</summary>
public static class Probabilities
{
    /// <summary>Mean of −log of the probability given to the truth, with probabilities kept within 1e-7 of 0 and 1.</summary>
    /// <param name="probabilities">Probability of the positive class of each item.</param>
    /// <param name="labels">True for the positives, same length.</param>
    public static double LogLoss(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels)
    {
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double p = Math.Clamp(probabilities[i], 1e-7, 1 - 1e-7);
            sum -= labels[i] ? Math.Log(p) : Math.Log(1 - p);
        }

        return sum / labels.Length;
    }

    /// <summary>Brier score: mean squared difference of probability and truth.</summary>
    /// <param name="probabilities">Probability of the positive class of each item.</param>
    /// <param name="labels">True for the positives, same length.</param>
    public static double Brier(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels)
    {
        double sum = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            double difference = probabilities[i] - (labels[i] ? 1 : 0);
            sum += difference * difference;
        }

        return sum / labels.Length;
    }

    /// <summary>Expected calibration error: mean gap between stated and observed share over bins of equal width, weighted by items.</summary>
    /// <param name="probabilities">Probability of the positive class of each item, 0 to 1.</param>
    /// <param name="labels">True for the positives, same length.</param>
    /// <param name="bins">Number of bins. Default 10, as usual.</param>
    public static double CalibrationError(ReadOnlySpan<double> probabilities, ReadOnlySpan<bool> labels, int bins = 10)
    {
        double[] stated = new double[bins], observed = new double[bins];
        for (int i = 0; i < labels.Length; i++)
        {
            int bin = Math.Clamp((int)(probabilities[i] * bins), 0, bins - 1);
            stated[bin] += probabilities[i];
            observed[bin] += labels[i] ? 1 : 0;
        }

        double gap = 0;
        for (int bin = 0; bin < bins; bin++)
        {
            gap += Math.Abs(stated[bin] - observed[bin]);
        }

        return gap / labels.Length;
    }
}
