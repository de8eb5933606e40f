using System.Runtime.InteropServices;
using System.Text.Json;

namespace Apprentice.Models;

/// <summary>A tensor to be written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Read">Gives the elements, row by row, when their turn has come; the span is as long as the tensor.</param>
public sealed record TensorToWrite(string Name, IReadOnlyList<long> Shape, Action<Span<float>> Read)
{
    /// <summary>A tensor that is in memory.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Sizes, outermost first.</param>
    /// <param name="values">Its elements, row by row.</param>
    /// <exception cref="ArgumentException">Elements and shape do not fit.</exception>
    public static TensorToWrite From(string name, IReadOnlyList<long> shape, ReadOnlyMemory<float> values)
    {
        long count = shape.Aggregate(1L, static (product, size) => checked(product * size));
        return count == values.Length
            ? new TensorToWrite(name, shape, target => values.Span.CopyTo(target))
            : throw new ArgumentException($"Tensor '{name}' of shape {TensorInfo.Show(shape)} has {count} elements; {values.Length} are given.", nameof(values));
    }
}

/// <summary>Writes safetensors files in the layout of the original library.</summary>
public static class SafetensorsWriter
{
    /// <summary>Writes tensors to a file. It appears under its name only when it is complete; until then, and after a failure, what was there before stays.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="tensors">The tensors; stored sorted by name.</param>
    /// <param name="metadata">Strings for <c>__metadata__</c>; null for <c>format: pt</c>, which the transformers library asks for.</param>
    /// <param name="dtype">F32 (default), F16 or BF16; rounded to nearest even.</param>
    /// <exception cref="ArgumentException">A name is used twice or reserved, a size is negative, or the type is another one.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<TensorToWrite> tensors, IReadOnlyDictionary<string, string>? metadata = null, TensorType dtype = TensorType.F32)
    {
        if (dtype is not (TensorType.F32 or TensorType.F16 or TensorType.BF16))
        {
            throw new ArgumentException($"Tensors are written as F32, F16 or BF16, not {dtype.FileName()}.", nameof(dtype));
        }

        TensorToWrite[] sorted = [.. tensors.OrderBy(t => t.Name, StringComparer.Ordinal)];
        for (int i = 0; i < sorted.Length; i++)
        {
            if (sorted[i].Name == "__metadata__" || (i > 0 && sorted[i].Name == sorted[i - 1].Name))
            {
                throw new ArgumentException($"The tensor name '{sorted[i].Name}' is {(sorted[i].Name == "__metadata__" ? "reserved" : "used twice")}.", nameof(tensors));
            }

            if (sorted[i].Shape.Any(size => size < 0))
            {
                throw new ArgumentException($"Tensor '{sorted[i].Name}' has a negative size: {TensorInfo.Show(sorted[i].Shape)}.", nameof(tensors));
            }
        }

        byte[] header = Header(sorted, metadata ?? new Dictionary<string, string> { ["format"] = "pt" }, dtype);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20))
            {
                Span<byte> length = stackalloc byte[8];
                System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
                file.Write(length);
                file.Write(header);
                foreach (TensorToWrite tensor in sorted)
                {
                    WriteTensor(file, tensor, dtype);
                }

                // On disk before it gets its name, so that a power cut leaves the old file or the new one.
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be written: {e.Message}", e);
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    private static byte[] Header(TensorToWrite[] tensors, IReadOnlyDictionary<string, string> metadata, TensorType dtype)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in metadata.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach (TensorToWrite tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", dtype.FileName());
                json.WriteStartArray("shape");
                long bytes = dtype.Size();
                foreach (long size in tensor.Shape)
                {
                    json.WriteNumberValue(size);
                    bytes = checked(bytes * size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        // Spaces up to a multiple of 8 keep the data aligned for readers that map the file.
        while (stream.Length % 8 != 0)
        {
            stream.WriteByte((byte)' ');
        }

        return stream.ToArray();
    }

    private static void WriteTensor(FileStream file, TensorToWrite tensor, TensorType dtype)
    {
        var values = new float[tensor.Shape.Aggregate(1L, static (product, size) => checked(product * size))];
        tensor.Read(values);
        if (dtype == TensorType.F32)
        {
            WriteInParts(file, values);
            return;
        }

        var halves = new ushort[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            halves[i] = dtype == TensorType.F16 ? BitConverter.HalfToUInt16Bits((Half)values[i]) : ToBrainFloat(values[i]);
        }

        WriteInParts(file, halves);
    }

    private static void WriteInParts<T>(FileStream file, T[] values)
        where T : unmanaged
    {
        const int Part = 1 << 26;
        for (int at = 0; at < values.Length; at += Part)
        {
            file.Write(MemoryMarshal.AsBytes(values.AsSpan(at, Math.Min(Part, values.Length - at))));
        }
    }

    private static ushort ToBrainFloat(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            // Rounding could turn a NaN into an infinity; keep its sign and set the quiet bit.
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
