using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Apprentice.Workspace;

/// <summary>A recipe cannot be used; the message names file, line and key.</summary>
public sealed class RecipeException : Exception
{
    /// <summary>An error with a message for the user.</summary>
    /// <param name="message">What was expected, what was found, what to do.</param>
    /// <param name="inner">The cause, if any.</param>
    public RecipeException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>Reads recipes and checks them before any work starts.</summary>
public static partial class RecipeFile
{
    /// <summary>Reads a recipe; its paths become absolute.</summary>
    /// <param name="path">YAML file.</param>
    /// <exception cref="RecipeException">The file is absent or malformed, has an unknown key, or does not hold together; all problems are told at once.</exception>
    public static Recipe Load(string path)
    {
        Recipe recipe = Read<Recipe>(path);
        Refuse(path, EmptyKeys(recipe));
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        string Full(string file) => file.Length == 0 || Path.IsPathRooted(file) ? file : Path.GetFullPath(Path.Combine(folder, file));
        string? Optional(string? file) => file is null ? null : Full(file);
        recipe = recipe with
        {
            Base = recipe.Base is "builtin" or "random" ? recipe.Base : Full(recipe.Base),
            Data = recipe.Data.ToDictionary(item => item.Key, item => item.Value.Select(part => part with { File = Full(part.File) }).ToList()),
            Valid = [.. recipe.Valid.Select(Full)],
            Test = recipe.Test.ToDictionary(item => item.Key, item => Full(item.Value)),
            Generate = recipe.Generate is null ? null : recipe.Generate with
            {
                Seeds = Full(recipe.Generate.Seeds),
                Demonstrations = Optional(recipe.Generate.Demonstrations),
                Template = Optional(recipe.Generate.Template),
                Provider = recipe.Generate.Provider with { Requests = Optional(recipe.Generate.Provider.Requests), Answers = Optional(recipe.Generate.Provider.Answers) },
            },
        };
        Refuse(path, Problems(recipe));
        return recipe;
    }

    private static void Refuse(string path, IEnumerable<string> problems)
    {
        string message = string.Join(Environment.NewLine, problems.Select(problem => $"{path}: {problem}"));
        if (message.Length > 0)
        {
            throw new RecipeException(message);
        }
    }

    /// <summary>Reads any YAML file of ours: snake_case keys, environment variables replaced, unknown keys refused.</summary>
    /// <typeparam name="T">Record that the keys fill.</typeparam>
    /// <param name="path">YAML file.</param>
    /// <exception cref="RecipeException">The file is absent or malformed.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            string text = Variable().Replace(File.ReadAllText(path), match =>
                Environment.GetEnvironmentVariable(match.Groups[1].Value)
                    ?? (match.Groups[2].Success ? match.Groups[2].Value : throw new RecipeException($"{path}: environment variable {match.Groups[1].Value} is not set; the recipe asks for it.")));
            IDeserializer reader = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithDuplicateKeyChecking().Build();
            return reader.Deserialize<T>(text) ?? throw new RecipeException($"{path}: the file is empty; a recipe is expected.");
        }
        catch (YamlException exception)
        {
            throw new RecipeException($"{path}, line {exception.Start.Line}: {(exception.InnerException ?? exception).Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException($"{path}: cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Keys that stand in the file without a value, which the reader fills with null.</summary>
    private static IEnumerable<string> EmptyKeys(Recipe recipe)
    {
        List<(string Key, object? Value)> keys =
        [
            ("name", recipe.Name), ("description", recipe.Description), ("task", recipe.Task), ("base", recipe.Base), ("clone_head", recipe.CloneHead), ("data", recipe.Data),
            ("valid", recipe.Valid), ("test", recipe.Test), ("arms", recipe.Arms), ("seeds", recipe.Seeds), ("training", recipe.Training), ("compare", recipe.Compare),
            .. Items("valid", recipe.Valid), .. Items("arms", recipe.Arms), .. Items("compare", recipe.Compare),
            .. (recipe.Test ?? []).Select(item => ($"test.{item.Key}", (object?)item.Value)),
        ];
        foreach ((string name, List<DataPart> parts) in recipe.Data ?? [])
        {
            keys.AddRange([($"data.{name}", parts), .. Items($"data.{name}", parts), .. (parts ?? []).OfType<DataPart>().Select(part => ($"data.{name}: file", (object?)part.File))]);
        }

        foreach (ArmRecipe arm in (recipe.Arms ?? []).OfType<ArmRecipe>())
        {
            string stages = $"stages of arm \"{arm.Name}\"";
            keys.AddRange([("name of an arm", arm.Name), (stages, arm.Stages), .. Items(stages, arm.Stages)]);
            foreach (StageRecipe stage in (arm.Stages ?? []).OfType<StageRecipe>())
            {
                keys.AddRange([($"{stages}: data", stage.Data), ($"{stages}: shuffle_labels", stage.ShuffleLabels), ($"{stages}: training", stage.Training)]);
                keys.AddRange([.. Items($"{stages}: data", stage.Data), .. Items($"{stages}: shuffle_labels", stage.ShuffleLabels)]);
            }
        }

        foreach (List<string> pair in (recipe.Compare ?? []).OfType<List<string>>())
        {
            keys.AddRange(Items("compare", pair));
        }

        if (recipe.Generate is { } generate)
        {
            keys.AddRange([
                ("generate.strategy", generate.Strategy), ("generate.seeds", generate.Seeds), ("generate.demonstration_data", generate.DemonstrationData), ("generate.provider", generate.Provider),
                ("generate.provider.kind", generate.Provider is null ? "" : generate.Provider.Kind), ("generate.provider.model", generate.Provider is null ? "" : generate.Provider.Model)]);
        }

        return keys.Where(item => item.Value is null).Select(item => $"{item.Key} has no value; give one, or leave the key out").Distinct();

        static IEnumerable<(string, object?)> Items(string key, IEnumerable<object?>? items) => (items ?? []).Select(item => ($"{key}: an item", item));
    }

    private static IEnumerable<string> Problems(Recipe recipe)
    {
        if (recipe.Name.Length == 0 || recipe.Name.AsSpan().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") >= 0)
        {
            yield return $"name is \"{recipe.Name}\"; letters, digits, '-', '_' and '.' are expected, as it names a folder";
        }

        if (recipe.Task is not ("fault-localization" or "vulnerability-localization" or "clone-detection"))
        {
            yield return $"task is \"{recipe.Task}\"; fault-localization, vulnerability-localization or clone-detection is expected";
        }

        if (recipe.CloneHead is not ("siamese" or "pair"))
        {
            yield return $"clone_head is \"{recipe.CloneHead}\"; siamese or pair is expected";
        }

        if (recipe.Base is not ("builtin" or "random") && !File.Exists(Path.Combine(recipe.Base, "config.json")))
        {
            yield return $"base {recipe.Base} has no config.json; builtin, random or a model folder is expected";
        }

        foreach ((string name, DataPart part) in recipe.Data.SelectMany(item => item.Value.Select(part => (item.Key, part))))
        {
            if (part.File.Length == 0)
            {
                yield return $"data.{name} has a part without file";
            }

            if (part.Count < 0)
            {
                yield return $"data.{name}: count is {part.Count}; 0 for all rows, or more is expected";
            }
        }

        HashSet<string> names = [.. recipe.Data.Keys, .. recipe.Generate is null ? Array.Empty<string>() : ["generated"]];
        HashSet<string> arms = [];
        foreach (ArmRecipe arm in recipe.Arms)
        {
            if (arm.Name.Length == 0 || !arms.Add(arm.Name))
            {
                yield return $"arm \"{arm.Name}\" has no name, or a name that another arm has";
            }

            foreach (StageRecipe stage in arm.Stages)
            {
                foreach (string name in stage.Data.Concat(stage.ShuffleLabels).Where(name => !names.Contains(name)))
                {
                    yield return $"arm \"{arm.Name}\" uses data \"{name}\"; data has {string.Join(", ", names.Order(StringComparer.Ordinal))}";
                }

                TrainingRecipe training = stage.Training.Or(recipe.Training);
                foreach (string problem in training.ToOptions(0).Problems())
                {
                    yield return $"arm \"{arm.Name}\": {problem}";
                }

                if (stage.Data.Count == 0 && training.ToOptions(0).Steps > 0)
                {
                    yield return $"arm \"{arm.Name}\" has a stage with steps but no data";
                }

                foreach (string name in stage.ShuffleLabels.Except(stage.Data))
                {
                    yield return $"arm \"{arm.Name}\" shuffles the labels of \"{name}\", which that stage is not trained on";
                }

                if (training.MaximumLength is < 0 or 1 or 2)
                {
                    yield return $"arm \"{arm.Name}\": maximum_length is {training.MaximumLength}; 0 for all that the model allows, or at least 3 is expected";
                }

                if (!(training.CleanShare is null or >= 0))
                {
                    yield return $"arm \"{arm.Name}\": clean_share is {training.CleanShare}; 0 or more is expected";
                }
            }
        }

        foreach (string name in recipe.Compare.SelectMany(pair => pair).Where(name => !arms.Contains(name)))
        {
            yield return $"compare names arm \"{name}\"; arms are {string.Join(", ", arms)}";
        }

        foreach (List<string> pair in recipe.Compare.Where(pair => pair.Count != 2))
        {
            yield return $"compare has [{string.Join(", ", pair)}]; two arms are expected";
        }

        if (recipe.Arms.Count > 0 && (recipe.Seeds.Count == 0 || recipe.Seeds.Distinct().Count() != recipe.Seeds.Count))
        {
            yield return "seeds must name at least one seed, each once";
        }

        foreach (string file in recipe.Data.Values.SelectMany(parts => parts).Select(part => part.File).Concat(recipe.Valid).Concat(recipe.Test.Values)
            .Concat(recipe.Generate is { } generate ? new[] { generate.Seeds } : []).Distinct().Where(file => file.Length > 0 && !File.Exists(file)))
        {
            yield return $"file {file} does not exist";
        }

        if (recipe.Generate is { } generation)
        {
            if (generation.Strategy is not ("fault-two-shot" or "clone-from-specification"))
            {
                yield return $"generate.strategy is \"{generation.Strategy}\"; fault-two-shot or clone-from-specification is expected";
            }

            if (generation.Provider.Kind is not ("openai" or "batch" or "replay"))
            {
                yield return $"generate.provider.kind is \"{generation.Provider.Kind}\"; openai, batch or replay is expected";
            }

            if (generation.Seeds.Length == 0)
            {
                yield return "generate.seeds is empty; a file is expected";
            }

            if (generation.Provider.Model.Length == 0)
            {
                yield return "generate.provider.model is empty; the name of a model is expected";
            }
        }
    }

    [GeneratedRegex(@"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")]
    private static partial Regex Variable();
}
