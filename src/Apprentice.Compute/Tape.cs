namespace Apprentice.Compute;

/// <summary>Records the operations of one step and runs their backward passes in reverse order.</summary>
/// <remarks>
/// A tape owns the memory of its step in an arena: <see cref="Reset"/> frees every activation and gradient at once.
/// Operations carry their own backward pass (design: fused operations, explicit backward). Not safe for use from two threads at once.
/// </remarks>
public sealed unsafe class Tape : IDisposable
{
    private readonly Arena _arena = new();
    private readonly List<Operation> _operations = [];

    /// <summary>A tape whose operations run on the given threads.</summary>
    /// <param name="workers">The threads; the tape does not dispose them.</param>
    public Tape(Workers workers) => Workers = workers;

    /// <summary>The threads that operations run on.</summary>
    public Workers Workers { get; }

    /// <summary>True while training: operations are recorded and dropout is active. False for inference. Default false.</summary>
    public bool Training { get; set; }

    /// <summary>Seed of the dropout masks of this step; two steps with one seed and the same operations drop the same values. Default 0.</summary>
    public ulong DropoutSeed { get; set; }

    /// <summary>Largest number of bytes that a step has held so far.</summary>
    public long PeakBytes => _arena.PeakBytes;

    /// <summary>A new tensor with undefined values.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="requiresGradient">Whether a gradient will be wanted; ignored (false) outside training.</param>
    public Tensor Allocate(int rows, int columns, bool requiresGradient = false) =>
        new(rows, columns, _arena.Allocate((long)rows * columns), requiresGradient && Training);

    /// <summary>A new tensor that holds a copy of the given values, without gradient.</summary>
    /// <param name="values">Row-major values, exactly rows × columns.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <exception cref="ArgumentException">The length does not fit.</exception>
    public Tensor Constant(ReadOnlySpan<float> values, int rows, int columns)
    {
        if (values.Length != (long)rows * columns)
        {
            throw new ArgumentException($"Constant: {values.Length} values for shape [{rows}, {columns}].", nameof(values));
        }

        Tensor tensor = Allocate(rows, columns);
        values.CopyTo(tensor.Span);
        return tensor;
    }

    /// <summary>A copy of the given values that wants a gradient; used by gradient checks.</summary>
    /// <param name="values">Row-major values, exactly rows × columns.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public Tensor Input(ReadOnlySpan<float> values, int rows, int columns)
    {
        Tensor tensor = Allocate(rows, columns, requiresGradient: true);
        values.CopyTo(tensor.Span);
        return tensor;
    }

    /// <summary>Runs the backward passes of all recorded operations, starting from a scalar whose gradient is 1.</summary>
    /// <param name="loss">A [1, 1] tensor made by operations of this tape.</param>
    /// <exception cref="ArgumentException">The tensor is not [1, 1], or no trainable parameter contributed to it.</exception>
    public void Backward(Tensor loss)
    {
        if (loss.Count != 1)
        {
            throw new ArgumentException($"Backward starts from a [1, 1] loss; this tensor is {loss}.", nameof(loss));
        }

        if (!loss.RequiresGradient)
        {
            throw new ArgumentException("Backward: no trainable parameter contributed to this loss. Is the tape training, and is anything unfrozen?", nameof(loss));
        }

        loss.Gradient = _arena.Allocate(1);
        loss.Gradient[0] = 1;
        for (int i = _operations.Count - 1; i >= 0; i--)
        {
            _operations[i].Backward(this);
        }

        _operations.Clear();
    }

    /// <summary>Forgets all operations and frees all tensors of the step.</summary>
    public void Reset()
    {
        _operations.Clear();
        _arena.Reset();
        NextDropoutStream = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    internal ulong NextDropoutStream { get; private set; }

    internal RandomStream NextRandom() => new(DropoutSeed, NextDropoutStream++);

    internal void Record(Operation operation)
    {
        if (Training)
        {
            _operations.Add(operation);
        }
    }

    internal float* Scratch(long count) => _arena.Allocate(count);

    /// <summary>Where a backward pass writes an input's gradient: memory to overwrite when <paramref name="fresh"/>, else a gradient to add to.</summary>
    internal float* GradientOf(Tensor tensor, out bool fresh)
    {
        fresh = tensor.Gradient is null;
        if (fresh)
        {
            tensor.Gradient = _arena.Allocate(tensor.Count);
        }

        return tensor.Gradient;
    }

    /// <summary>A gradient that can be added to: zeros when nothing has reached the tensor yet.</summary>
    internal float* AccumulatedGradientOf(Tensor tensor)
    {
        if (tensor.Gradient is null)
        {
            tensor.Gradient = _arena.AllocateZeroed(tensor.Count);
        }

        return tensor.Gradient;
    }
}

/// <summary>A recorded operation: what its backward pass needs.</summary>
internal abstract class Operation
{
    /// <summary>Adds to the gradients of the inputs and parameters. An output that no gradient reached contributes nothing.</summary>
    public abstract void Backward(Tape tape);
}
