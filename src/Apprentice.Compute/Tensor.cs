namespace Apprentice.Compute;

/// <summary>A float32 matrix [rows, columns], row-major, whose memory belongs to a <see cref="Tape"/>'s step or to a <see cref="ParameterSet"/>.</summary>
/// <remarks>
/// A ragged batch is the concatenation of its sequences, so every activation is a matrix [tokens, width]; there is no padding and no higher rank.
/// A tensor of a step is valid until the tape is reset; nobody disposes one by itself.
/// </remarks>
public sealed unsafe class Tensor
{
    internal Tensor(int rows, int columns, float* data, bool requiresGradient)
    {
        Rows = rows;
        Columns = columns;
        Data = data;
        RequiresGradient = requiresGradient;
    }

    /// <summary>Number of rows, for most activations the tokens of the batch.</summary>
    public int Rows { get; }

    /// <summary>Number of columns, for most activations the hidden size.</summary>
    public int Columns { get; }

    /// <summary>Rows times columns.</summary>
    public long Count => (long)Rows * Columns;

    /// <summary>True when a gradient flows through this tensor to a trainable parameter.</summary>
    public bool RequiresGradient { get; }

    /// <summary>The values, row-major. Long tensors (over 2³¹ values) are read by row.</summary>
    public Span<float> Span => new(Data, checked((int)Count));

    /// <summary>Values of one row.</summary>
    /// <param name="row">Row number, from 0.</param>
    public Span<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        return new Span<float>(Data + ((long)row * Columns), Columns);
    }

    /// <summary>The gradient after <see cref="Tape.Backward"/>, row-major; empty when none reached this tensor.</summary>
    public Span<float> GradientSpan => Gradient is null ? [] : new Span<float>(Gradient, checked((int)Count));

    internal float* Data { get; }

    internal float* Gradient { get; set; }

    /// <summary>The shape as text, for messages: <c>[rows, columns]</c>.</summary>
    public override string ToString() => $"[{Rows}, {Columns}]";
}
