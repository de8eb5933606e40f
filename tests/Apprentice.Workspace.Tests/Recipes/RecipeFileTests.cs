using Apprentice.Testing;

namespace Apprentice.Workspace.Tests;

public sealed class RecipeFileTests
{
    private const string Good = """
        name: small
        description: One line.
        task: fault-localization
        base: random
        data:
          real:
            - file: real.jsonl
              count: 2
            - file: sub/more.jsonl
          llm: [{file: real.jsonl}]
        valid: [real.jsonl]
        test:
          held: ${APPRENTICE_TEST_HELD:-real.jsonl}
        seeds: [1, 5]
        training: {steps: 7, learning_rate: 1e-3}
        arms:
          - name: before
            stages: [{data: [real]}]
          - name: after
            description: Two stages.
            stages:
              - data: [llm, real]
                shuffle_labels: [llm]
              - data: [real]
                training: {steps: 3}
        compare: [[after, before]]
        """;

    [Fact]
    public void Load_GoodFile_HasAbsolutePathsAndDefaults()
    {
        using TemporaryFolder folder = Folder();
        Recipe recipe = RecipeFile.Load(folder.Write("good.yaml", Good));
        Assert.Equal("small", recipe.Name);
        Assert.Equal([(folder["real.jsonl"], 2), (folder[Path.Combine("sub", "more.jsonl")], 0)], recipe.Data["real"].Select(part => (part.File, part.Count)));
        Assert.Equal([folder["real.jsonl"]], recipe.Valid);
        Assert.Equal(folder["real.jsonl"], recipe.Test["held"]);
        Assert.Equal([1, 5], recipe.Seeds);
        Assert.Equal((7, 1e-3, 16), (recipe.Training.ToOptions(1).Steps, recipe.Training.ToOptions(1).LearningRate, recipe.Training.ToOptions(1).BatchSize));
        Assert.Equal((3, 1e-3), (recipe.Arms[1].Stages[1].Training.Or(recipe.Training).Steps, recipe.Arms[1].Stages[1].Training.Or(recipe.Training).LearningRate));
        Assert.Equal(["llm"], recipe.Arms[1].Stages[0].ShuffleLabels);
        Assert.Equal("siamese", recipe.CloneHead);
        Assert.Null(recipe.Generate);
    }

    /// <summary>What is replaced in the good file, by what, and what the message must hold.</summary>
    public static TheoryData<string, string, string[]> Bad => new()
    {
        { "name: small", "name: a/b", ["name is \"a/b\""] },
        { "name: small", "description2: x", ["line 1", "description2"] },
        { "    stages: [{data: [real]}]", "    stages: [{data: [real], step: 4}]", ["step"] },
        { "training: {steps: 7, learning_rate: 1e-3}", "training: {steps: many}", ["line 15", "many"] },
        { "training: {steps: 7, learning_rate: 1e-3}", "training: {steps: -7, learning_rate: 5}", ["\"before\": steps is -7", "\"before\": learning_rate is 5", "\"after\": learning_rate is 5"] },
        { "training: {steps: 7, learning_rate: 1e-3}", "training: {maximum_length: 2}", ["maximum_length is 2"] },
        { "training: {steps: 7, learning_rate: 1e-3}", "training: {clean_share: -1}", ["clean_share is -1"] },
        { "training: {steps: 7, learning_rate: 1e-3}", "training: 7", ["line 15"] },
        { "seeds: [1, 5]", "seeds: one", ["line 14"] },
        { "seeds: [1, 5]", "seeds: [1, 1]", ["seeds"] },
        { "seeds: [1, 5]", "seeds: []", ["seeds"] },
        { "valid: [real.jsonl]", "valid: [absent.jsonl]", ["absent.jsonl does not exist"] },
        { "valid: [real.jsonl]", "valid: real.jsonl", ["line 11"] },
        { "      count: 2", "      count: -2", ["count is -2"] },
        { "compare: [[after, before]]", "compare: [[after, befor]]", ["\"befor\"", "before, after"] },
        { "compare: [[after, before]]", "compare: [[after, before, after]]", ["[after, before, after]", "two arms"] },
        { "  - name: before", "  - name: after", ["\"after\""] },
        { "  - name: before", "  - description: before", ["no name"] },
        { "data: [llm, real]", "data: [gpt, real]", ["\"gpt\"", "llm, real"] },
        { "shuffle_labels: [llm]", "shuffle_labels: [generated]", ["\"generated\""] },
        { "data: [llm, real]", "data: [real]", ["shuffles the labels of \"llm\""] },
        { "data: [llm, real]", "data: []", ["\"after\"", "no data"] },
        { "task: fault-localization", "task: faults", ["task is \"faults\""] },
        { "base: random", "clone_head: both", ["clone_head is \"both\""] },
        { "base: random", "base: nowhere", ["nowhere", "config.json"] },
        { "${APPRENTICE_TEST_HELD:-real.jsonl}", "${APPRENTICE_TEST_ABSENT}", ["APPRENTICE_TEST_ABSENT is not set"] },
        { "description: One line.", "description: [unclosed", ["line "] },
        { "description: One line.", "description: \"unclosed", ["line "] },
        { "description: One line.", "name: twice", ["name"] },
        { "description: One line.", "\tdescription: tab", ["line "] },
        { "data:\n", "data2:\n", ["line 5", "data2"] },
        { "seeds: [1, 5]", "seeds:", ["seeds"] },
        { "training: {steps: 7, learning_rate: 1e-3}", "training:", ["training"] },
        { "valid: [real.jsonl]", "valid:", ["valid"] },
        { "valid: [real.jsonl]", "valid: [~]", ["valid"] },
        { "compare: [[after, before]]", "compare: [~]", ["compare"] },
        { "    stages: [{data: [real]}]", "    stages:", ["stages"] },
        { "    stages: [{data: [real]}]", "    stages: [~]", ["stages"] },
        { "  llm: [{file: real.jsonl}]", "  llm:", ["data.llm"] },
        { "  llm: [{file: real.jsonl}]", "  llm: [{count: 3}]", ["data.llm", "file"] },
        { "base: random", "generate:\n  strategy: guess\n  provider: {kind: telepathy}", ["generate.strategy is \"guess\"", "generate.provider.kind is \"telepathy\"", "generate.provider.model", "generate.seeds"] },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Load_BadFile_NamesPathAndKey(string good, string bad, string[] expected)
    {
        using TemporaryFolder folder = Folder();
        Assert.Contains(good, Good);
        string path = folder.Write("bad.yaml", Good.Replace(good, bad, StringComparison.Ordinal));
        string message = Assert.Throws<RecipeException>(() => RecipeFile.Load(path)).Message;
        Assert.StartsWith(path, message);
        Assert.All(expected, part => Assert.Contains(part, message));
    }

    [Fact]
    public void Load_SeveralProblems_AreToldAtOnce()
    {
        using TemporaryFolder folder = Folder();
        string path = folder.Write("bad.yaml", Good.Replace("name: small", "name: ''").Replace("valid: [real.jsonl]", "valid: [absent.jsonl]")
            .Replace("seeds: [1, 5]", "seeds: []").Replace("compare: [[after, before]]", "compare: [[x, before]]"));
        string[] lines = Assert.Throws<RecipeException>(() => RecipeFile.Load(path)).Message.Split(Environment.NewLine);
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.StartsWith(path + ": ", line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n# nothing\n")]
    [InlineData("---\n")]
    [InlineData("- a\n- b\n")]
    [InlineData("just words")]
    [InlineData("~")]
    [InlineData("\0\u0001")]
    [InlineData("{")]
    [InlineData("&a [*a]")]
    public void Load_NoRecipe_IsARecipeException(string text)
    {
        using TemporaryFolder folder = Folder();
        string path = folder.Write("none.yaml", text);
        Assert.StartsWith(path, Assert.Throws<RecipeException>(() => RecipeFile.Load(path)).Message);
    }

    [Fact]
    public void Load_AbsentFileOrFolder_IsARecipeException()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("absent.yaml", Assert.Throws<RecipeException>(() => RecipeFile.Load(folder["absent.yaml"])).Message);
        Assert.Contains(folder.Path, Assert.Throws<RecipeException>(() => RecipeFile.Load(folder.Path)).Message);
    }

    [Fact]
    public void Load_RecipesOfTheRepository_AreReadable()
    {
        // Their data may be absent: only that may be wrong with them.
        foreach (string path in new[] { "recipes", "samples" }.Select(name => Path.Combine(SharedFiles.Repository, name)).Where(Directory.Exists)
            .SelectMany(folder => Directory.GetFiles(folder, "*.yaml")).Where(path => File.ReadAllText(path).Contains("\narms:", StringComparison.Ordinal)))
        {
            try
            {
                RecipeFile.Load(path);
            }
            catch (RecipeException exception)
            {
                Assert.All(exception.Message.Split(Environment.NewLine), line => Assert.True(
                    line.EndsWith("does not exist", StringComparison.Ordinal) || line.Contains("environment variable", StringComparison.Ordinal), line));
            }
        }
    }

    private static TemporaryFolder Folder()
    {
        TemporaryFolder folder = new();
        folder.Write("real.jsonl", "");
        folder.Write(Path.Combine("sub", "more.jsonl"), "");
        return folder;
    }
}
