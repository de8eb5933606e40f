using System.Text.Json;

namespace Apprentice.Models;

/// <summary>A checkpoint in several safetensors files, tied together by model.safetensors.index.json.</summary>
public sealed class ShardedSafetensors : ITensorSource
{
    private readonly Dictionary<string, SafetensorsFile> _files;
    private readonly Dictionary<string, SafetensorsFile> _fileOf;

    private ShardedSafetensors(string path, Dictionary<string, SafetensorsFile> files, Dictionary<string, SafetensorsFile> fileOf)
    {
        Path = path;
        _files = files;
        _fileOf = fileOf;
        Tensors = fileOf.ToDictionary(p => p.Key, p => p.Value.Tensors[p.Key], StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>Opens all files that an index names. Only plain file names in the index's own folder are followed.</summary>
    /// <param name="indexPath">The index file.</param>
    /// <exception cref="CheckpointException">The index is malformed, names something outside its folder, or does not agree with the files.</exception>
    public static ShardedSafetensors Open(string indexPath)
    {
        Dictionary<string, string> map = ReadMap(indexPath);
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(indexPath))!; // A file always has a folder.
        Dictionary<string, SafetensorsFile> files = new(StringComparer.Ordinal);
        Dictionary<string, SafetensorsFile> fileOf = new(StringComparer.Ordinal);
        try
        {
            foreach ((string tensor, string name) in map)
            {
                if (!files.TryGetValue(name, out SafetensorsFile? file))
                {
                    file = SafetensorsFile.Open(System.IO.Path.Combine(folder, name));
                    files.Add(name, file);
                }

                fileOf.Add(tensor, file.Tensors.ContainsKey(tensor) ? file
                    : throw new CheckpointException(indexPath, $"tensor '{tensor}' is said to be in '{name}', which lacks it."));
            }

            foreach ((string name, SafetensorsFile file) in files)
            {
                string? unmapped = file.Tensors.Keys.FirstOrDefault(t => !map.TryGetValue(t, out string? mapped) || mapped != name);
                if (unmapped is not null)
                {
                    throw new CheckpointException(indexPath, $"'{name}' holds tensor '{unmapped}', which the index does not map to it. Do index and files belong together?");
                }
            }

            return new ShardedSafetensors(indexPath, files, fileOf);
        }
        catch
        {
            foreach (SafetensorsFile file in files.Values)
            {
                file.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void ReadFloat32(string name, Span<float> values)
    {
        if (!_fileOf.TryGetValue(name, out SafetensorsFile? file))
        {
            throw new CheckpointException(Path, $"there is no tensor '{name}' among the {_fileOf.Count} of this checkpoint.");
        }

        file.ReadFloat32(name, values);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files.Values)
        {
            file.Dispose();
        }
    }

    private static Dictionary<string, string> ReadMap(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out JsonElement weightMap)
                || weightMap.ValueKind != JsonValueKind.Object)
            {
                throw new CheckpointException(path, "an object with a weight_map object from tensor to file is expected.");
            }

            Dictionary<string, string> map = new(StringComparer.Ordinal);
            foreach (JsonProperty entry in weightMap.EnumerateObject())
            {
                if (entry.Value.ValueKind != JsonValueKind.String)
                {
                    throw new CheckpointException(path, $"the file of tensor '{entry.Name}' must be a string, not {entry.Value.ValueKind}.");
                }

                map.Add(entry.Name, CheckName(path, entry.Value.GetString()!));
            }

            return map.Count > 0 ? map : throw new CheckpointException(path, "weight_map is empty; it names no file with tensors.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw new CheckpointException(path, $"cannot be read as JSON: {e.Message}", e);
        }
    }

    /// <summary>A shard is a plain file name with the right ending: nothing that leads anywhere else on any system.</summary>
    private static string CheckName(string path, string name)
    {
        bool plain = name.Length > ".safetensors".Length
            && name.EndsWith(".safetensors", StringComparison.Ordinal)
            && name[0] != '.'
            && name.AsSpan().IndexOfAny(@"/\:") < 0
            && !name.Any(char.IsControl);
        return plain ? name : throw new CheckpointException(path, $"shard name {JsonSerializer.Serialize(name, NameJson.Default.String)} is refused: a plain file name in the same folder that ends in .safetensors is expected.");
    }
}
