using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Adam with decoupled weight decay.</summary>
/// <remarks>
/// Loshchilov and Hutter, 2017, arXiv:1711.05101, algorithm 2, in the order of PyTorch's <c>torch.optim.AdamW</c>:
/// the decay multiplies first (p ·= 1 − rate · decay), and ε is added to the root of the bias-corrected second moment.
/// </remarks>
public static unsafe partial class AdamW
{
    private const int BlockLength = 16384;

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
        float biasCorrection1, float biasCorrection2, float gradientScale)
    {
        Work work = new()
        {
            Parameter = parameter,
            Gradient = gradient,
            FirstMoment = firstMoment,
            SecondMoment = secondMoment,
            Count = count,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            Keep = 1 - (learningRate * weightDecay),
            StepSize = learningRate / biasCorrection1,
            InverseRoot = 1 / MathF.Sqrt(biasCorrection2),
            Scale = gradientScale,
        };
        Wide.Run(workers, checked((int)((count + BlockLength - 1) / BlockLength)), work);
    }

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

    private struct Work : IWideWork
    {
        public float* Parameter, Gradient, FirstMoment, SecondMoment;
        public long Count;
        public float Beta1, Beta2, Epsilon, Keep, StepSize, InverseRoot, Scale;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            long i = (long)block * BlockLength;
            long end = Math.Min(Count, i + BlockLength);
            for (; i + L.Count <= end; i += L.Count)
            {
                Update<L>(i);
            }

            for (; i < end; i++)
            {
                Update<LanesScalar>(i);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Update<L>(long i)
            where L : struct, ILanes<L>
        {
            L g = L.Load(Gradient + i) * L.Of(Scale);
            L m = L.MultiplyAdd(L.Of(Beta1), L.Load(FirstMoment + i), L.Of(1 - Beta1) * g);
            L v = L.MultiplyAdd(L.Of(Beta2), L.Load(SecondMoment + i), L.Of(1 - Beta2) * g * g);
            L.Store(m, FirstMoment + i);
            L.Store(v, SecondMoment + i);
            L change = L.Of(StepSize) * m / L.MultiplyAdd(L.Sqrt(v), L.Of(InverseRoot), L.Of(Epsilon));
            L.Store((L.Load(Parameter + i) * L.Of(Keep)) - change, Parameter + i);
        }
    }
}
