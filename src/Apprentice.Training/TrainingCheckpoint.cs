using System.Globalization;
using System.Text.Json;
using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Training;

/// <summary>The state of an interrupted training in one file: parameters, both moments, the step, and the best parameters so far.</summary>
internal static class TrainingCheckpoint
{
    private const string FormatVersion = "1";

    /// <summary>Writes the file as a whole or not at all.</summary>
    public static void Save(string path, TrainerOptions options, ParameterSet parameters, Optimiser optimiser, BestParameters best)
    {
        List<TensorToWrite> tensors = [.. parameters.Parameters.Select(ParameterFile.ToWrite)];
        tensors.Add(new TensorToWrite("optimiser.first_moment", [parameters.Count], values => optimiser.FirstMoment[..values.Length].CopyTo(values)));
        tensors.Add(new TensorToWrite("optimiser.second_moment", [parameters.Count], values => optimiser.SecondMoment[..values.Length].CopyTo(values)));
        for (int i = 0; best.Values is not null && i < best.Values.Length; i++)
        {
            float[] values = best.Values[i];
            tensors.Add(new TensorToWrite($"best.{i}", [values.Length], target => values.CopyTo(target)));
        }

        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string>
        {
            ["format_version"] = FormatVersion,
            ["options"] = Fingerprint(options),
            ["step"] = optimiser.Steps.ToString(CultureInfo.InvariantCulture),
            ["best_score"] = best.Score.ToString("R", CultureInfo.InvariantCulture),
            ["best_step"] = best.Step.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>Puts the state back; everything is checked first, so a file that does not fit changes nothing.</summary>
    /// <exception cref="TrainingException">The file belongs to a training with other options or another model.</exception>
    /// <exception cref="CheckpointException">The file is damaged.</exception>
    public static void Load(string path, TrainerOptions options, ParameterSet parameters, Optimiser optimiser, BestParameters best)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault("format_version") != FormatVersion)
        {
            throw new TrainingException($"{path}: this checkpoint has format_version {file.Metadata.GetValueOrDefault("format_version") ?? "none"}; this version reads {FormatVersion}. Delete it to start anew.");
        }

        if (file.Metadata.GetValueOrDefault("options") != Fingerprint(options))
        {
            throw new TrainingException($"{path}: this checkpoint is of a training with other settings ({Differences(file.Metadata.GetValueOrDefault("options"), options)}). Delete it to start anew, or put the settings back.");
        }

        foreach (Parameter parameter in parameters.Parameters)
        {
            if (!file.Tensors.TryGetValue(parameter.Name, out TensorInfo? tensor) || !tensor.Shape.SequenceEqual(parameter.Shape.Select(size => (long)size)))
            {
                throw new TrainingException(
                    $"{path}: tensor '{parameter.Name}' {(tensor is null ? "is absent" : $"has shape [{string.Join(", ", tensor.Shape)}]")}; the model has [{string.Join(", ", parameter.Shape)}]. Is the checkpoint of another model?");
            }
        }

        bool hasBest = file.Tensors.ContainsKey("best.0");
        CheckSize(file, "optimiser.first_moment", parameters.Count);
        CheckSize(file, "optimiser.second_moment", parameters.Count);
        for (int i = 0; hasBest && i < parameters.Parameters.Count; i++)
        {
            CheckSize(file, $"best.{i}", parameters.Parameters[i].Count);
        }

        if (!int.TryParse(file.Metadata.GetValueOrDefault("step"), CultureInfo.InvariantCulture, out int step)
            || !double.TryParse(file.Metadata.GetValueOrDefault("best_score"), CultureInfo.InvariantCulture, out double bestScore)
            || !int.TryParse(file.Metadata.GetValueOrDefault("best_step"), CultureInfo.InvariantCulture, out int bestStep))
        {
            throw new CheckpointException(path, "step, best_score or best_step is absent or is no number. Delete the file to start anew.");
        }

        foreach (Parameter parameter in parameters.Parameters)
        {
            file.ReadFloat32(parameter.Name, parameter.Values);
        }

        file.ReadFloat32("optimiser.first_moment", optimiser.FirstMoment[..checked((int)parameters.Count)]);
        file.ReadFloat32("optimiser.second_moment", optimiser.SecondMoment[..checked((int)parameters.Count)]);
        optimiser.Steps = step;
        best.Score = bestScore;
        best.Step = bestStep;
        if (hasBest)
        {
            best.Values = [.. parameters.Parameters.Select((parameter, i) =>
            {
                float[] values = new float[parameter.Count];
                file.ReadFloat32($"best.{i}", values);
                return values;
            })];
        }
    }

    /// <summary>Deletes what a killed process left of checkpoints that it had not finished.</summary>
    public static void RemoveRemains(string? path)
    {
        if (path is not null && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && Directory.Exists(folder))
        {
            foreach (string file in Directory.EnumerateFiles(folder, Path.GetFileName(path) + ".*.tmp"))
            {
                File.Delete(file);
            }
        }
    }

    private static void CheckSize(SafetensorsFile file, string name, long count)
    {
        if (!file.Tensors.TryGetValue(name, out TensorInfo? tensor) || tensor.Count != count)
        {
            throw new CheckpointException(file.Path, $"tensor '{name}' is absent or has {tensor?.Count ?? 0} values; {count} are expected. Delete the file to start anew.");
        }
    }

    /// <summary>The settings that differ, each with both values.</summary>
    private static string Differences(string? stored, TrainerOptions options)
    {
        try
        {
            using JsonDocument then = JsonDocument.Parse(stored ?? "{}");
            using JsonDocument now = JsonDocument.Parse(Fingerprint(options));
            return string.Join(", ", now.RootElement.EnumerateObject().Select(property => (
                    property.Name, Then: then.RootElement.TryGetProperty(property.Name, out JsonElement value) ? value.GetRawText() : "not set", Now: property.Value.GetRawText()))
                .Where(setting => setting.Then != setting.Now).Select(setting => $"{setting.Name} {setting.Then} there, {setting.Now} here"));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return "unreadable ones";
        }
    }

    /// <summary>The options that change what training gives; how often checkpoints are written does not.</summary>
    private static string Fingerprint(TrainerOptions options) =>
        JsonSerializer.Serialize(options with { CheckpointSeconds = 0 }, TrainingJson.Default.TrainerOptions).ReplaceLineEndings(" ");
}
