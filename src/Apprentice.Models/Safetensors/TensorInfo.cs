using System.Globalization;

namespace Apprentice.Models;

/// <summary>What a checkpoint says about one tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Dtype">Element type in the file.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
public sealed record TensorInfo(string Name, TensorType Dtype, IReadOnlyList<long> Shape)
{
    /// <summary>Number of elements: 1 for a scalar, 0 when a size is 0.</summary>
    public long Count { get; } = Shape.Aggregate(1L, static (product, size) => checked(product * size));

    /// <summary>Bytes in the file.</summary>
    public long ByteCount => Count * Dtype.Size();

    /// <summary>First byte, counted from the start of the file's data part.</summary>
    internal long Offset { get; init; }

    /// <summary>Name, type and shape in words.</summary>
    public override string ToString() => $"{Name} {Dtype.FileName()} {Show(Shape)}";

    internal static string Show(IEnumerable<long> shape) =>
        "[" + string.Join(", ", shape.Select(s => s.ToString(CultureInfo.InvariantCulture))) + "]";
}
