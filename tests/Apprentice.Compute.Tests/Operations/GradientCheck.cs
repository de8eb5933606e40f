namespace Apprentice.Compute.Tests;

/// <summary>Compares the gradient of an operation with finite differences.</summary>
internal static class GradientCheck
{
    /// <summary>Step of the central difference. In float32 a smaller one drowns in rounding, a larger one in curvature.</summary>
    private const float Step = 1e-2f;

    /// <summary>Allowed difference as a share of the largest gradient: float32 losses carry about 1e-7 relative error, divided by the step.</summary>
    private const double Tolerance = 2e-3;

    /// <summary>Checks the gradient of sum(weights ⊙ operation(inputs)) at drawn inputs, for every input and every parameter.</summary>
    public static void Verify((int Rows, int Columns)[] shapes, Func<Tape, Tensor[], Tensor> operation, ParameterSet? parameters = null, bool scalar = false)
    {
        SeededRandom random = new(7);
        float[][] inputs = [.. shapes.Select(shape => Enumerable.Range(0, shape.Rows * shape.Columns).Select(_ => (float)random.NextGaussian()).ToArray())];
        using Workers workers = new(2);
        using Tape tape = new(workers) { Training = true, DropoutSeed = 3 };

        (double Loss, float[][] Gradients, float[][] ParameterGradients) Run(bool backward)
        {
            tape.Reset();
            parameters?.ClearGradients();
            Tensor[] tensors = [.. shapes.Select((shape, i) => tape.Input(inputs[i], shape.Rows, shape.Columns))];
            Tensor output = operation(tape, tensors);
            Tensor loss = scalar ? output : Projection(tape, output);
            double value = loss.Span[0];
            if (!backward)
            {
                return (value, [], []);
            }

            tape.Backward(loss);
            return (value, [.. tensors.Select(t => t.GradientSpan.ToArray())], [.. (parameters?.Parameters ?? []).Select(p => p.Gradients.ToArray())]);
        }

        (_, float[][] gradients, float[][] parameterGradients) = Run(backward: true);
        for (int i = 0; i < inputs.Length; i++)
        {
            float[] values = inputs[i];
            Compare($"input {i}", values.Length, gradients[i], j => values[j], (j, v) => values[j] = v, () => Run(false).Loss);
        }

        for (int p = 0; p < parameterGradients.Length; p++)
        {
            Parameter parameter = parameters!.Parameters[p];
            Compare(parameter.Name, (int)parameter.Count, parameterGradients[p], j => parameter.Values[j], (j, v) => parameter.Values[j] = v, () => Run(false).Loss);
        }
    }

    private static void Compare(string name, int count, float[] gradient, Func<int, float> get, Action<int, float> set, Func<double> loss)
    {
        Assert.Equal(count, gradient.Length);
        double largest = Math.Max(gradient.Max(Math.Abs), 1e-3);
        for (int j = 0; j < count; j++)
        {
            float original = get(j);
            set(j, original + Step);
            double above = loss();
            set(j, original - Step);
            double below = loss();
            set(j, original);
            double expected = (above - below) / (2 * Step);
            Assert.True(Math.Abs(expected - gradient[j]) <= Tolerance * Math.Max(largest, 1), $"{name}[{j}]: finite difference {expected:g6}, backward pass {gradient[j]:g6}.");
        }
    }

    /// <summary>A fixed weighted sum of all values, so that every output matters differently.</summary>
    private static Tensor Projection(Tape tape, Tensor x)
    {
        float[] labels = new float[x.Rows];
        Tensor weights = tape.Constant([.. Enumerable.Range(0, (int)x.Count).Select(i => MathF.Sin((i * 0.7f) + 1) / 4)], x.Rows, x.Columns);
        return tape.SquaredCosineError(x, weights, labels);
    }
}
