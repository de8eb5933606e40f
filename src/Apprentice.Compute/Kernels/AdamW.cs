namespace Apprentice.Compute;

/// <summary>Adam with decoupled weight decay.</summary>
/// <remarks>
/// Loshchilov and Hutter, 2017, arXiv:1711.05101, algorithm 2, in the order of PyTorch's <c>torch.optim.AdamW</c>:
/// the decay multiplies first (p ·= 1 − rate · decay), and ε is added to the root of the bias-corrected second moment.
/// </remarks>
public static unsafe partial class AdamW
{
    /// <summary>Updates parameters and both moments by one step.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="parameter">Parameters; changed in place.</param>
    /// <param name="gradient">Gradients; left as they are.</param>
    /// <param name="firstMoment">Running mean of the gradients; changed in place, zero before the first step.</param>
    /// <param name="secondMoment">Running mean of the squared gradients; changed in place, zero before the first step.</param>
    /// <param name="count">Number of values.</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    /// <param name="beta1">β₁, decay of the first moment.</param>
    /// <param name="beta2">β₂, decay of the second moment.</param>
    /// <param name="epsilon">ε, added to the root.</param>
    /// <param name="weightDecay">Weight decay; 0 for biases and normalisation.</param>
    /// <param name="biasCorrection1">1 − β₁ᵗ at step t, counted from 1.</param>
    /// <param name="biasCorrection2">1 − β₂ᵗ at step t.</param>
    /// <param name="gradientScale">Factor of the gradients, for example of clipping; 1 for none.</param>
    public static void Step(
        Workers workers, float* parameter, float* gradient, float* firstMoment, float* secondMoment, long count,
        float learningRate, float beta1, float beta2, float epsilon, float weightDecay,
        float biasCorrection1, float biasCorrection2, float gradientScale) =>
        Reference(
            parameter, gradient, firstMoment, secondMoment, count, learningRate, beta1, beta2, epsilon, weightDecay,
            biasCorrection1, biasCorrection2, gradientScale);

    /// <summary>The definition.</summary>
    internal static void Reference(
        float* parameter, float* gradient, float* firstMoment, float* secondMoment, long count,
        float learningRate, float beta1, float beta2, float epsilon, float weightDecay,
        float biasCorrection1, float biasCorrection2, float gradientScale)
    {
        float keep = 1 - (learningRate * weightDecay);
        float stepSize = learningRate / biasCorrection1;
        float rootCorrection = MathF.Sqrt(biasCorrection2);
        for (long i = 0; i < count; i++)
        {
            float g = gradient[i] * gradientScale;
            float m = (beta1 * firstMoment[i]) + ((1 - beta1) * g);
            float v = (beta2 * secondMoment[i]) + ((1 - beta2) * g * g);
            firstMoment[i] = m;
            secondMoment[i] = v;
            parameter[i] = (parameter[i] * keep) - (stepSize * m / ((MathF.Sqrt(v) / rootCorrection) + epsilon));
        }
    }
}
