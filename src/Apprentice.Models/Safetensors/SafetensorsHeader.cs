using System.Text;
using System.Text.Json;

namespace Apprentice.Models;

/// <summary>Reads the JSON at the front of a safetensors file and checks it against the file's length.</summary>
/// <remarks>Source: the safetensors repository's README and Rust reader; stricter in two places: no name twice, no space before the first brace.</remarks>
internal static class SafetensorsHeader
{
    private const long LongestHeader = 100_000_000;

    public static (IReadOnlyDictionary<string, TensorInfo> Tensors, IReadOnlyDictionary<string, string> Metadata, long DataStart) Read(string path, Stream file)
    {
        long length = file.Length;
        if (length < 8)
        {
            throw new CheckpointException(path, $"{length} bytes are too few for a safetensors file, which starts with an 8-byte header length. Was the download cut off?");
        }

        Span<byte> prefix = stackalloc byte[8];
        file.ReadExactly(prefix);
        ulong claimed = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (claimed > LongestHeader)
        {
            throw new CheckpointException(path, $"the header claims {claimed} bytes; at most {LongestHeader} are allowed. Is this a safetensors file?");
        }

        if ((long)claimed > length - 8)
        {
            throw new CheckpointException(path, $"the header claims {claimed} bytes; only {length - 8} follow. Was the download cut off?");
        }

        var json = new byte[claimed];
        file.ReadExactly(json);
        if (json.Length == 0 || json[0] != (byte)'{')
        {
            throw new CheckpointException(path, "the header does not start with '{'. Is this a safetensors file?");
        }

        Dictionary<string, TensorInfo> tensors = new(StringComparer.Ordinal);
        Dictionary<string, string> metadata = new(StringComparer.Ordinal);
        List<(TensorInfo Info, long End)> found = [];
        try
        {
            // The reader checks UTF-8 only in strings; outside of them anything but ASCII is a JSON error anyway.
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetCharCount(json);
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
            reader.Read();
            HashSet<string> names = new(StringComparer.Ordinal);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                if (!names.Add(name))
                {
                    throw new CheckpointException(path, $"the header has the name '{name}' twice.");
                }

                reader.Read();
                if (name == "__metadata__")
                {
                    ReadMetadata(ref reader, path, metadata);
                }
                else
                {
                    found.Add(ReadTensor(ref reader, path, name));
                }
            }

            while (reader.Read())
            {
                // Reading on finds whatever follows the closing brace and is not white space.
            }
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new CheckpointException(path, $"the header is not valid JSON in UTF-8: {e.Message}", e);
        }

        long dataStart = 8 + json.Length;
        CheckLayout(path, found, length - dataStart);
        foreach ((TensorInfo info, _) in found)
        {
            tensors.Add(info.Name, info);
        }

        return (tensors, metadata, dataStart);
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, string path, Dictionary<string, string> metadata)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new CheckpointException(path, $"__metadata__ must be an object of strings, not {reader.TokenType}.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new CheckpointException(path, $"__metadata__ '{key}' must be a string, not {reader.TokenType}.");
            }

            if (!metadata.TryAdd(key, reader.GetString()!))
            {
                throw new CheckpointException(path, $"__metadata__ has '{key}' twice.");
            }
        }
    }

    private static (TensorInfo Info, long End) ReadTensor(ref Utf8JsonReader reader, string path, string name)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Problem(path, name, $"must be an object, not {reader.TokenType}");
        }

        string? typeName = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype" when typeName is null:
                    typeName = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw Problem(path, name, $"dtype must be a string, not {reader.TokenType}");
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref reader, path, name, key);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref reader, path, name, key);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Problem(path, name, $"has {key} twice");
                default:
                    throw Problem(path, name, $"has an unknown key '{key}'");
            }
        }

        if (typeName is null || shape is null || offsets is null)
        {
            throw Problem(path, name, $"has no {(typeName is null ? "dtype" : shape is null ? "shape" : "data_offsets")}");
        }

        if (!TensorTypes.TryParse(typeName, out TensorType type))
        {
            throw Problem(path, name, $"has the unknown dtype '{typeName}'");
        }

        if (offsets.Count != 2 || offsets[1] < offsets[0])
        {
            throw Problem(path, name, $"has data_offsets {TensorInfo.Show(offsets)}; two numbers are expected, begin and end, begin first");
        }

        try
        {
            // Checked: sizes that overflow must not wrap around to something small.
            TensorInfo info = new(name, type, shape) { Offset = offsets[0] };
            long bytes = checked(info.Count * type.Size());
            if (bytes != offsets[1] - offsets[0])
            {
                throw Problem(path, name, $"of shape {TensorInfo.Show(shape)} and type {typeName} needs {bytes} bytes; data_offsets give {offsets[1] - offsets[0]}");
            }

            return (info, offsets[1]);
        }
        catch (OverflowException e)
        {
            throw new CheckpointException(path, $"tensor '{name}' of shape {TensorInfo.Show(shape)} is larger than any file can be.", e);
        }
    }

    private static List<long> ReadNumbers(ref Utf8JsonReader reader, string path, string name, string key)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Problem(path, name, $"{key} must be a list, not {reader.TokenType}");
        }

        List<long> numbers = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
            {
                throw Problem(path, name, $"{key} must hold whole numbers of at least 0");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>Tensors must follow one another from 0 to the end of the file, without holes, overlaps or rest.</summary>
    private static void CheckLayout(string path, List<(TensorInfo Info, long End)> found, long dataLength)
    {
        long end = 0;
        string before = "the start of the data";
        foreach ((TensorInfo info, long next) in found.OrderBy(f => f.Info.Offset).ThenBy(f => f.End))
        {
            if (info.Offset != end)
            {
                throw Problem(path, info.Name, $"begins at byte {info.Offset}; {before} ends at {end}. Tensors must follow one another without holes or overlaps");
            }

            end = next;
            before = $"'{info.Name}'";
        }

        if (end != dataLength)
        {
            throw new CheckpointException(path, $"the tensors need {end} bytes of data; the file has {dataLength}.{(end > dataLength ? " Was the download cut off?" : "")}");
        }
    }

    private static CheckpointException Problem(string path, string name, string problem) => new(path, $"tensor '{name}' {problem}.");
}
