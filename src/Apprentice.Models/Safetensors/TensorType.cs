namespace Apprentice.Models;

/// <summary>Element types that a safetensors file may name.</summary>
public enum TensorType
{
    /// <summary>One byte, 0 is false and everything else true.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>8-bit float with 5 exponent bits.</summary>
    F8E5M2,

    /// <summary>8-bit float with 4 exponent bits and no infinities.</summary>
    F8E4M3,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>The upper half of a float32.</summary>
    BF16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>Two float32; can be listed, not read.</summary>
    C64,

    /// <summary>IEEE double precision.</summary>
    F64,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,
}

/// <summary>Names and sizes of element types.</summary>
public static class TensorTypes
{
    /// <summary>Bytes of one element.</summary>
    /// <param name="type">Element type.</param>
    public static int Size(this TensorType type) => type switch
    {
        TensorType.Bool or TensorType.U8 or TensorType.I8 or TensorType.F8E5M2 or TensorType.F8E4M3 => 1,
        TensorType.I16 or TensorType.U16 or TensorType.F16 or TensorType.BF16 => 2,
        TensorType.I32 or TensorType.U32 or TensorType.F32 => 4,
        _ => 8,
    };

    /// <summary>The name in a file, such as <c>BF16</c>.</summary>
    /// <param name="type">Element type.</param>
    public static string FileName(this TensorType type) => type switch
    {
        TensorType.Bool => "BOOL",
        TensorType.F8E5M2 => "F8_E5M2",
        TensorType.F8E4M3 => "F8_E4M3",
        _ => type.ToString(),
    };

    /// <summary>The type of a name in a file; false when the name is unknown. Names are case-sensitive.</summary>
    /// <param name="name">Name as in the file.</param>
    /// <param name="type">Its type.</param>
    public static bool TryParse(string name, out TensorType type)
    {
        foreach (TensorType one in Enum.GetValues<TensorType>())
        {
            if (one.FileName() == name)
            {
                type = one;
                return true;
            }
        }

        type = default;
        return false;
    }
}
