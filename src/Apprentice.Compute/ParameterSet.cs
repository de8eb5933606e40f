namespace Apprentice.Compute;

/// <summary>All parameters of a model in one flat buffer, so that an optimiser walks memory once and a checkpoint copies it once.</summary>
/// <remarks>Declare every parameter first, then <see cref="Build"/>. Parameters declared one after the other lie one after the other.</remarks>
public sealed unsafe class ParameterSet : IDisposable
{
    private readonly List<Parameter> _parameters = [];
    private readonly Dictionary<string, Parameter> _byName = [];
    private NativeBuffer? _values;
    private NativeBuffer? _gradients;

    /// <summary>The parameters in declaration order.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Number of float32 values in all parameters.</summary>
    public long Count { get; private set; }

    /// <summary>Declares a parameter.</summary>
    /// <param name="name">Its name in a checkpoint.</param>
    /// <param name="shape">Its shape in a checkpoint; one or two dimensions.</param>
    /// <param name="decay">Whether weight decay applies: by custom to matrices, not to biases and norms.</param>
    /// <exception cref="InvalidOperationException">The set is built already, or the name is taken.</exception>
    public Parameter Declare(string name, ReadOnlySpan<int> shape, bool decay)
    {
        if (_values is not null)
        {
            throw new InvalidOperationException($"Parameter '{name}' is declared after Build.");
        }

        Parameter parameter = new(this, name, shape.ToArray(), Count, decay);
        if (!_byName.TryAdd(name, parameter))
        {
            throw new InvalidOperationException($"Parameter '{name}' is declared twice.");
        }

        _parameters.Add(parameter);
        Count += parameter.Count;
        return parameter;
    }

    /// <summary>Allocates the memory; all values are 0 until initialised or loaded.</summary>
    public void Build() => _values ??= new NativeBuffer(Math.Max(Count, 1));

    /// <summary>The parameter with a name, or null.</summary>
    /// <param name="name">Name in a checkpoint.</param>
    public Parameter? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Several parameters declared one after the other, seen as one matrix with all their rows: one product instead of three for query, key and value.</summary>
    /// <param name="parts">Neighbours in declaration order, with equal column counts.</param>
    public Parameter Join(params ReadOnlySpan<Parameter> parts)
    {
        int rows = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Columns != parts[0].Columns || (i > 0 && parts[i].Offset != parts[i - 1].Offset + parts[i - 1].Count))
            {
                throw new ArgumentException($"'{parts[i].Name}' does not lie behind its neighbour with equal columns.", nameof(parts));
            }

            rows += parts[i].Rows;
        }

        return new Parameter(this, parts[0].Name, [rows, parts[0].Columns], parts[0].Offset, parts[0].Decay, parts.ToArray());
    }

    /// <summary>Sets every gradient to 0; allocates them the first time.</summary>
    public void ClearGradients()
    {
        if (_gradients is null)
        {
            _gradients = new NativeBuffer(Math.Max(Count, 1));
            return;
        }

        // A span holds at most 2³¹ values, so a large buffer is cleared in pieces.
        const long Piece = 1 << 28;
        for (long start = 0; start < Count; start += Piece)
        {
            new Span<float>(_gradients.Pointer + start, (int)Math.Min(Piece, Count - start)).Clear();
        }
    }

    /// <summary>Makes only the parameters trainable for which the test holds; the others get no gradient and no update.</summary>
    /// <param name="trainable">Test by name.</param>
    public void Freeze(Func<Parameter, bool> trainable)
    {
        foreach (Parameter parameter in _parameters)
        {
            parameter.Trainable = trainable(parameter);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _values?.Dispose();
        _gradients?.Dispose();
    }

    internal float* Values => _values is null ? throw new InvalidOperationException("ParameterSet: Build has not been called.") : _values.Pointer;

    internal float* Gradients
    {
        get
        {
            if (_gradients is null)
            {
                ClearGradients();
            }

            return _gradients!.Pointer;
        }
    }
}

/// <summary>A named, trainable matrix or vector of a model; a view into its <see cref="ParameterSet"/>.</summary>
public sealed unsafe class Parameter
{
    private readonly ParameterSet _set;
    private readonly Parameter[]? _parts;
    private bool _trainable = true;

    internal Parameter(ParameterSet set, string name, int[] shape, long offset, bool decay, Parameter[]? parts = null)
    {
        if (shape.Length is < 1 or > 2 || Array.Exists(shape, size => size <= 0))
        {
            throw new ArgumentException($"Parameter '{name}' has shape [{string.Join(", ", shape)}]; one or two positive sizes are expected.");
        }

        _set = set;
        _parts = parts;
        Name = name;
        Shape = shape;
        Offset = offset;
        Decay = decay;
    }

    /// <summary>Name in a checkpoint.</summary>
    public string Name { get; }

    /// <summary>Shape in a checkpoint: [out, in] for weights, [size] for biases and norms.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>Rows of the matrix; 1 for a vector.</summary>
    public int Rows => Shape.Count == 2 ? Shape[0] : 1;

    /// <summary>Columns of the matrix; the size of a vector.</summary>
    public int Columns => Shape.Count == 2 ? Shape[1] : Shape[0];

    /// <summary>Number of values.</summary>
    public long Count => (long)Rows * Columns;

    /// <summary>Whether weight decay applies.</summary>
    public bool Decay { get; }

    /// <summary>Whether training changes it. Default true.</summary>
    public bool Trainable
    {
        get => _parts is null ? _trainable : Array.Exists(_parts, part => part.Trainable);
        set => _trainable = value;
    }

    /// <summary>The values, row-major; changing them changes the model.</summary>
    public Span<float> Values => new(Data, checked((int)Count));

    /// <summary>The gradient of the last backward pass, row-major.</summary>
    public Span<float> Gradients => new(Gradient, checked((int)Count));

    internal long Offset { get; }

    internal float* Data => _set.Values + Offset;

    internal float* Gradient => _set.Gradients + Offset;
}
