namespace Apprentice.Compute;

/// <summary>LayerNorm with an optional residual: y = LN(x + r).</summary>
/// <remarks>Source: Ba, Kiros and Hinton, 2016, arXiv:1607.06450; placed after the sum (post-norm) as in BERT and RoBERTa.</remarks>
public static unsafe class ResidualNormOperation
{
    /// <summary>Normalises every row of x, or of x + r.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">[rows, width].</param>
    /// <param name="residual">[rows, width] added before normalising, or null.</param>
    /// <param name="gain">[width].</param>
    /// <param name="bias">[width].</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>[rows, width].</returns>
    public static Tensor ResidualNorm(this Tape tape, Tensor x, Tensor? residual, Parameter gain, Parameter bias, float epsilon)
    {
        if (gain.Count != x.Columns || (residual is not null && (residual.Rows != x.Rows || residual.Columns != x.Columns)))
        {
            throw new ArgumentException($"ResidualNorm: x {x}, residual {residual?.ToString() ?? "none"}, gain '{gain.Name}' [{gain.Count}] do not fit.");
        }

        bool inputGradient = x.RequiresGradient || (residual?.RequiresGradient ?? false);
        Tensor y = tape.Allocate(x.Rows, x.Columns, inputGradient || gain.Trainable || bias.Trainable);
        float* sum = x.Data;
        if (residual is not null)
        {
            sum = tape.Scratch(x.Count);
            Elementwise.Add(tape.Workers, x.Data, residual.Data, x.Count, sum);
        }

        float* mean = tape.Scratch(x.Rows);
        float* inverseDeviation = tape.Scratch(x.Rows);
        LayerNorm.Forward(tape.Workers, sum, gain.Data, bias.Data, epsilon, x.Rows, x.Columns, y.Data, mean, inverseDeviation);
        if (y.RequiresGradient)
        {
            tape.Record(new NormBackward(x, residual, gain, bias, sum, mean, inverseDeviation, y));
        }

        return y;
    }

    private sealed class NormBackward(Tensor x, Tensor? residual, Parameter gain, Parameter bias, float* sum, float* mean, float* inverseDeviation, Tensor y) : Operation
    {
        private readonly float* _sum = sum;
        private readonly float* _mean = mean;
        private readonly float* _inverseDeviation = inverseDeviation;

        public override void Backward(Tape tape)
        {
            if (y.Gradient is null)
            {
                return;
            }

            // The kernel always adds to both parameter gradients; frozen ones get a scratch row that nobody reads.
            float* gainGradient = gain.Trainable ? gain.Gradient : tape.Scratch(gain.Count);
            float* biasGradient = bias.Trainable ? bias.Gradient : tape.Scratch(bias.Count);

            // The first input that has no gradient yet takes the result directly; the other one gets a copy, because later passes may add to either.
            Tensor? first = Fresh(x) ? x : residual is not null && Fresh(residual) ? residual : null;
            float* sumGradient = first is null ? tape.Scratch(x.Count) : tape.GradientOf(first, out _);
            LayerNorm.Backward(tape.Workers, _sum, gain.Data, _mean, _inverseDeviation, y.Gradient, x.Rows, x.Columns, sumGradient, gainGradient, biasGradient);
            Pass(tape, x, sumGradient);
            if (residual == x && x.Gradient == sumGradient)
            {
                Elementwise.Scale(tape.Workers, sumGradient, x.Count, 2, sumGradient);
            }
            else if (residual is not null)
            {
                Pass(tape, residual, sumGradient);
            }
        }

        private static bool Fresh(Tensor input) => input.RequiresGradient && input.Gradient is null;

        private static void Pass(Tape tape, Tensor input, float* gradient)
        {
            if (!input.RequiresGradient || input.Gradient == gradient)
            {
                return;
            }

            float* target = tape.GradientOf(input, out bool fresh);
            if (fresh)
            {
                Elementwise.Copy(tape.Workers, gradient, input.Count, target);
            }
            else
            {
                Elementwise.AddInPlace(tape.Workers, gradient, input.Count, target);
            }
        }
    }
}
