namespace Apprentice.Compute;

/// <summary>Settings of AdamW. Source: Loshchilov and Hutter, 2019, arXiv:1711.05101; defaults of the Hugging Face trainer.</summary>
public sealed record OptimiserOptions
{
    /// <summary>Decay of the mean of gradients. Default 0.9.</summary>
    public float Beta1 { get; init; } = 0.9f;

    /// <summary>Decay of the mean of squared gradients. Default 0.999.</summary>
    public float Beta2 { get; init; } = 0.999f;

    /// <summary>Added to the root of the second moment. Default 1e-8.</summary>
    public float Epsilon { get; init; } = 1e-8f;

    /// <summary>Weight decay of parameters declared with decay. Default 0, as in CodeXGLUE's scripts.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Largest norm of the whole gradient; a larger one is scaled down. Default 1. 0 turns clipping off.</summary>
    public float MaximumGradientNorm { get; init; } = 1;
}

/// <summary>AdamW over a whole parameter set: clips the gradient, decays weights, steps.</summary>
public sealed unsafe class Optimiser : IDisposable
{
    private readonly ParameterSet _parameters;
    private readonly OptimiserOptions _options;
    private readonly NativeBuffer _firstMoment;
    private readonly NativeBuffer _secondMoment;

    /// <summary>An optimiser with zero moments.</summary>
    /// <param name="parameters">What it trains; must be built.</param>
    /// <param name="options">Settings.</param>
    public Optimiser(ParameterSet parameters, OptimiserOptions options)
    {
        _parameters = parameters;
        _options = options;
        _firstMoment = new NativeBuffer(Math.Max(parameters.Count, 1));
        _secondMoment = new NativeBuffer(Math.Max(parameters.Count, 1));
    }

    /// <summary>Steps taken so far; settable to resume.</summary>
    public int Steps { get; set; }

    /// <summary>First moments of all parameters, for checkpoints.</summary>
    public Span<float> FirstMoment => _firstMoment.Span;

    /// <summary>Second moments of all parameters, for checkpoints.</summary>
    public Span<float> SecondMoment => _secondMoment.Span;

    /// <summary>Euclidean norm of the gradient of all trainable parameters.</summary>
    /// <param name="workers">Threads; the sum has one order whatever their number.</param>
    public double GradientNorm(Workers workers)
    {
        double sum = 0;
        foreach ((long start, long count, _) in Runs())
        {
            sum += Elementwise.SumOfSquares(workers, _parameters.Gradients + start, count);
        }

        return Math.Sqrt(sum);
    }

    /// <summary>Takes one step along the gradients that the backward pass left, then leaves them as they are.</summary>
    /// <param name="workers">Threads.</param>
    /// <param name="learningRate">Rate of this step, after its schedule.</param>
    /// <returns>Norm of the gradient before clipping.</returns>
    public double Step(Workers workers, double learningRate)
    {
        Steps++;
        double norm = GradientNorm(workers);
        float scale = 1;
        if (_options.MaximumGradientNorm > 0 && norm > _options.MaximumGradientNorm)
        {
            // PyTorch's clip_grad_norm_ divides by norm + 1e-6.
            scale = (float)(_options.MaximumGradientNorm / (norm + 1e-6));
        }

        float correction1 = (float)(1 - Math.Pow(_options.Beta1, Steps));
        float correction2 = (float)(1 - Math.Pow(_options.Beta2, Steps));
        foreach ((long start, long count, bool decay) in Runs())
        {
            AdamW.Step(
                workers, _parameters.Values + start, _parameters.Gradients + start, _firstMoment.Pointer + start, _secondMoment.Pointer + start, count,
                (float)learningRate, _options.Beta1, _options.Beta2, _options.Epsilon, decay ? _options.WeightDecay : 0, correction1, correction2, scale);
        }

        return norm;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _firstMoment.Dispose();
        _secondMoment.Dispose();
    }

    /// <summary>Neighbouring trainable parameters with one decay setting, as stretches of the flat buffer.</summary>
    private IEnumerable<(long Start, long Count, bool Decay)> Runs()
    {
        long start = 0;
        long count = 0;
        bool decay = false;
        foreach (Parameter parameter in _parameters.Parameters)
        {
            if (!parameter.Trainable)
            {
                continue;
            }

            bool parameterDecay = parameter.Decay && _options.WeightDecay != 0;
            if (count > 0 && start + count == parameter.Offset && decay == parameterDecay)
            {
                count += parameter.Count;
                continue;
            }

            if (count > 0)
            {
                yield return (start, count, decay);
            }

            (start, count, decay) = (parameter.Offset, parameter.Count, parameterDecay);
        }

        if (count > 0)
        {
            yield return (start, count, decay);
        }
    }
}
