namespace Apprentice.Compute;

/// <summary>Operations that treat every value alone: GELU, tanh, dropout.</summary>
public static unsafe class PointwiseOperations
{
    private enum Kind
    {
        Gelu,
        Tanh,
        Dropout,
    }

    /// <summary>GELU in its exact form, x · Φ(x). Source: Hendrycks and Gimpel, 2016, arXiv:1606.08415.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">Any shape.</param>
    public static Tensor GeluOf(this Tape tape, Tensor x)
    {
        Tensor y = tape.Allocate(x.Rows, x.Columns, x.RequiresGradient);
        Gelu.Forward(tape.Workers, x.Data, x.Count, y.Data);
        return Recorded(tape, Kind.Gelu, x, y, 0, default);
    }

    /// <summary>Hyperbolic tangent.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">Any shape.</param>
    public static Tensor TanhOf(this Tape tape, Tensor x)
    {
        Tensor y = tape.Allocate(x.Rows, x.Columns, x.RequiresGradient);
        Tanh.Forward(tape.Workers, x.Data, x.Count, y.Data);
        return Recorded(tape, Kind.Tanh, x, y, 0, default);
    }

    /// <summary>Inverted dropout: in training each value is 0 with the given probability, the others are scaled so that the mean stays.</summary>
    /// <param name="tape">Records the operation; outside training the input is returned as it is.</param>
    /// <param name="x">Any shape.</param>
    /// <param name="rate">Probability of 0, in [0, 1).</param>
    public static Tensor DropoutOf(this Tape tape, Tensor x, float rate)
    {
        if (!tape.Training || rate == 0)
        {
            return x;
        }

        Tensor y = tape.Allocate(x.Rows, x.Columns, x.RequiresGradient);
        RandomStream random = tape.NextRandom();
        Dropout.Apply(tape.Workers, x.Data, x.Count, rate, random, y.Data);
        return Recorded(tape, Kind.Dropout, x, y, rate, random);
    }

    private static Tensor Recorded(Tape tape, Kind kind, Tensor x, Tensor y, float rate, RandomStream random)
    {
        if (y.RequiresGradient)
        {
            tape.Record(new PointwiseBackward(kind, x, y, rate, random));
        }

        return y;
    }

    private sealed class PointwiseBackward(Kind kind, Tensor x, Tensor y, float rate, RandomStream random) : Operation
    {
        public override void Backward(Tape tape)
        {
            if (y.Gradient is null)
            {
                return;
            }

            float* gradient = tape.GradientOf(x, out bool fresh);
            float* target = fresh ? gradient : tape.Scratch(x.Count);
            switch (kind)
            {
                case Kind.Gelu:
                    Gelu.Backward(tape.Workers, x.Data, y.Gradient, x.Count, target);
                    break;
                case Kind.Tanh:
                    Tanh.Backward(tape.Workers, y.Data, y.Gradient, x.Count, target);
                    break;
                default:
                    Dropout.Apply(tape.Workers, y.Gradient, x.Count, rate, random, target);
                    break;
            }

            if (!fresh)
            {
                Elementwise.AddInPlace(tape.Workers, target, x.Count, gradient);
            }
        }
    }
}
