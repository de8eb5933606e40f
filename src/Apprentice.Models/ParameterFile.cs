using Apprentice.Compute;

namespace Apprentice.Models;

/// <summary>Moves parameters between a model and a checkpoint folder in Hugging Face layout.</summary>
public static class ParameterFile
{
    /// <summary>Name of the weights' file.</summary>
    public const string FileName = "model.safetensors";

    /// <summary>Fills all parameters from a folder's weights. Tensors that no parameter asks for are left alone.</summary>
    /// <remarks>RobertaModel checkpoints (CodeBERT, UniXcoder) lack the prefix that models with a head have, so a name is also looked up without "roberta.".</remarks>
    /// <param name="folder">Checkpoint folder.</param>
    /// <param name="parameters">A built set.</param>
    /// <param name="isOptional">Says of a parameter's name whether it may be absent; it then keeps its values.</param>
    /// <returns>Names of the parameters that were absent.</returns>
    /// <exception cref="CheckpointException">A tensor is absent or has another shape.</exception>
    public static IReadOnlyList<string> Load(string folder, ParameterSet parameters, Func<string, bool> isOptional)
    {
        const string Prefix = "roberta.";
        using ITensorSource source = Checkpoint.Open(folder);
        List<string> absent = [];
        foreach (Parameter parameter in parameters.Parameters)
        {
            string? name = source.Tensors.ContainsKey(parameter.Name) ? parameter.Name
                : parameter.Name.StartsWith(Prefix, StringComparison.Ordinal) && source.Tensors.ContainsKey(parameter.Name[Prefix.Length..]) ? parameter.Name[Prefix.Length..]
                : null;
            if (name is null)
            {
                if (!isOptional(parameter.Name))
                {
                    throw new CheckpointException(folder, $"tensor '{parameter.Name}' [{string.Join(", ", parameter.Shape)}] is absent; the file has {source.Tensors.Count} tensors. Is it the checkpoint of another architecture?");
                }

                absent.Add(parameter.Name);
                continue;
            }

            IReadOnlyList<long> found = source.Tensors[name].Shape;
            if (!found.SequenceEqual(parameter.Shape.Select(size => (long)size)))
            {
                throw CheckpointException.WrongShape(folder, name, found, parameter.Shape.Select(size => (long)size), "the model that config.json describes");
            }

            source.ReadFloat32(name, parameter.Values);
        }

        return absent;
    }

    /// <summary>Writes all parameters to a folder's weights, as a whole or not at all.</summary>
    /// <param name="folder">Checkpoint folder.</param>
    /// <param name="parameters">A built set.</param>
    /// <param name="dtype">How values are stored. Default float32: what was trained is what is loaded.</param>
    public static void Save(string folder, ParameterSet parameters, TensorType dtype = TensorType.F32) =>
        SafetensorsWriter.Write(Path.Combine(folder, FileName), parameters.Parameters.Select(ToWrite), new Dictionary<string, string> { ["format"] = "pt" }, dtype);

    /// <summary>A parameter as a tensor to write.</summary>
    /// <param name="parameter">The parameter.</param>
    public static TensorToWrite ToWrite(Parameter parameter) =>
        new(parameter.Name, [.. parameter.Shape.Select(size => (long)size)], values => parameter.Values.CopyTo(values));

    /// <summary>Writes a text file as a whole or not at all.</summary>
    /// <param name="path">File.</param>
    /// <param name="text">Content.</param>
    public static void WriteText(string path, string text)
    {
        string temporary = path + ".tmp";
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
    }
}
