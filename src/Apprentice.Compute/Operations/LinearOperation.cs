namespace Apprentice.Compute;

/// <summary>y = x · Wᵀ + b with W stored [out, in], as checkpoints store it.</summary>
public static unsafe class LinearOperation
{
    /// <summary>Applies a linear layer to every row.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="x">Input [rows, in].</param>
    /// <param name="weight">W [out, in].</param>
    /// <param name="bias">b [out], or null for none.</param>
    /// <returns>[rows, out].</returns>
    /// <exception cref="ArgumentException">A size does not fit.</exception>
    public static Tensor Linear(this Tape tape, Tensor x, Parameter weight, Parameter? bias)
    {
        if (x.Columns != weight.Columns)
        {
            throw new ArgumentException($"Linear: {x} × '{weight.Name}' [{weight.Rows}, {weight.Columns}]ᵀ: inner sizes {x.Columns} and {weight.Columns} differ.");
        }

        if (bias is not null && bias.Count != weight.Rows)
        {
            throw new ArgumentException($"Linear: bias '{bias.Name}' has {bias.Count} values; '{weight.Name}' has {weight.Rows} outputs.");
        }

        bool requiresGradient = x.RequiresGradient || weight.Trainable || (bias?.Trainable ?? false);
        Tensor y = tape.Allocate(x.Rows, weight.Rows, requiresGradient);
        if (bias is null)
        {
            Gemm.Multiply(tape.Workers, false, true, x.Rows, weight.Rows, x.Columns, 1, x.Data, x.Columns, weight.Data, weight.Columns, 0, y.Data, y.Columns);
        }
        else
        {
            Gemm.MultiplyAddBias(tape.Workers, false, true, x.Rows, weight.Rows, x.Columns, x.Data, x.Columns, weight.Data, weight.Columns, bias.Data, y.Data, y.Columns);
        }

        if (y.RequiresGradient)
        {
            tape.Record(new LinearBackward(x, weight, bias, y));
        }

        return y;
    }

    private sealed class LinearBackward(Tensor x, Parameter weight, Parameter? bias, Tensor y) : Operation
    {
        public override void Backward(Tape tape)
        {
            if (y.Gradient is null)
            {
                return;
            }

            if (weight.Trainable)
            {
                Gemm.Multiply(tape.Workers, true, false, weight.Rows, weight.Columns, y.Rows, 1, y.Gradient, y.Columns, x.Data, x.Columns, 1, weight.Gradient, weight.Columns);
            }

            if (bias is not null && bias.Trainable)
            {
                Elementwise.BiasGradient(tape.Workers, y.Gradient, y.Rows, y.Columns, bias.Gradient);
            }

            if (x.RequiresGradient)
            {
                float* xGradient = tape.GradientOf(x, out bool fresh);
                Gemm.Multiply(tape.Workers, false, false, x.Rows, x.Columns, y.Columns, 1, y.Gradient, y.Columns, weight.Data, weight.Columns, fresh ? 0 : 1, xGradient, x.Columns);
            }
        }
    }
}
