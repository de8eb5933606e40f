using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Training.Tests;

public sealed class TaskModelTests
{
    [Theory]
    [InlineData("fault-localization", "siamese")]
    [InlineData("vulnerability-localization", "siamese")]
    [InlineData("clone-detection", "siamese")]
    [InlineData("clone-detection", "pair")]
    [InlineData("base", "siamese")]
    public void Load_SavedModel_PredictsTheSameBits(string task, string head)
    {
        using TemporaryFolder folder = new();
        TaskSettings settings = new() { Task = task, CloneHead = head, Threshold = 0.125, MaximumLength = 96 };
        using TaskModel model = TaskModel.CreateRandom(Samples.Config(32), Samples.Tokenizer, settings, 4);
        model.Save(folder.Path);
        using TaskModel loaded = TaskModel.Load(folder.Path);
        Assert.Equal(settings, loaded.Settings);
        Assert.Equal(96, loaded.MaximumLength);
        Assert.Equal(model.Encoder.Config, loaded.Encoder.Config);
        Assert.Equal(Samples.Bits(model.Parameters), Samples.Bits(loaded.Parameters));
        Assert.Equal(Predictions(model), Predictions(loaded));
        Assert.DoesNotContain(folder.Names(), name => name.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Load_HalfPrecision_IsClose()
    {
        using TemporaryFolder folder = new();
        using TaskModel model = Samples.Faults(hidden: 32);
        model.Save(folder.Path, halfPrecision: true);
        using TaskModel loaded = TaskModel.Load(folder.Path);

        // Float16 keeps 11 bits: 2⁻¹¹ of each value.
        foreach ((Parameter a, Parameter b) in model.Parameters.Parameters.Zip(loaded.Parameters.Parameters))
        {
            Assert.All(a.Values.ToArray().Zip(b.Values.ToArray()), pair => Assert.Equal(pair.First, pair.Second, (Math.Abs(pair.First) / 2048) + 1e-7));
        }

        Assert.All(Predictions(model).Zip(Predictions(loaded)), pair => Assert.Equal(pair.First, pair.Second, 5e-3));
    }

    [Fact]
    public void Load_WrongShapes_NamesTensorAndBothShapes()
    {
        using TemporaryFolder folder = new();
        using TaskModel model = Samples.Faults(hidden: 32);
        model.Save(folder.Path);
        RobertaConfig other = Samples.Config(64);
        File.WriteAllText(folder["config.json"], other.ToJson());
        string message = Assert.Throws<CheckpointException>(() => TaskModel.Load(folder.Path)).Message;
        Assert.Contains("roberta.embeddings.word_embeddings.weight", message);
        Assert.Contains($"[{other.VocabularySize}, 32]", message);
        Assert.Contains($"[{other.VocabularySize}, 64]", message);
    }

    [Fact]
    public void Load_AbsentTensor_IsNamed()
    {
        using TemporaryFolder folder = new();
        using TaskModel model = Samples.Clones();
        model.Save(folder.Path);
        File.WriteAllText(folder["apprentice.json"], new TaskSettings { Task = "fault-localization" }.ToJson());
        Assert.Contains("line_head.dense.weight", Assert.Throws<CheckpointException>(() => TaskModel.Load(folder.Path)).Message);
    }

    [Fact]
    public void Load_AbsentOrDamagedFiles_AreClearErrors()
    {
        using TemporaryFolder folder = new();
        using TaskModel model = Samples.Faults(hidden: 16, layers: 1);
        foreach (string name in new[] { "config.json", "model.safetensors", "tokenizer.json" })
        {
            model.Save(folder.Path);
            if (name != "tokenizer.json")
            {
                // Without it the tokenizer is read from vocab.json and merges.txt.
                File.Delete(folder[name]);
                Assert.Contains(folder.Path, Assert.Throws<CheckpointException>(() => TaskModel.Load(folder.Path)).Message);
            }

            File.WriteAllText(folder[name], "{");
            Exception exception = Assert.ThrowsAny<Exception>(() => TaskModel.Load(folder.Path));
            Assert.Contains(folder.Path, exception.Message);
            File.Delete(folder[name]);
        }
    }

    [Theory]
    [InlineData("{\"format_version\": 2, \"task\": \"base\"}", "format_version is 2")]
    [InlineData("{\"format_version\": 2, \"task\": [\"something\", \"new\"]}", "apprentice.json")]
    [InlineData("{\"task\": \"weather\"}", "weather")]
    [InlineData("{\"task\": \"clone-detection\", \"clone_head\": \"triple\"}", "triple")]
    [InlineData("null", "null")]
    [InlineData("", "apprentice.json")]
    [InlineData("{\"task\": 3}", "apprentice.json")]
    public void Load_UnknownSettings_AreRefused(string text, string expected)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["apprentice.json"], text);
        string message = Assert.Throws<TrainingException>(() => TaskSettings.Load(folder.Path)).Message;
        Assert.Contains(folder["apprentice.json"], message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void Settings_AbsentFileOrKeys_AreTheDefaults()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(new TaskSettings(), TaskSettings.Load(folder.Path));
        File.WriteAllText(folder["apprentice.json"], "{\"threshold\": 0.25}");
        Assert.Equal(new TaskSettings { Threshold = 0.25 }, TaskSettings.Load(folder.Path));
    }

    [Fact]
    public void Create_FromBase_TakesTheEncoderAndDrawsTheHead()
    {
        using TemporaryFolder folder = new();
        using (TaskModel model = TaskModel.CreateRandom(Samples.Config(32), Samples.Tokenizer, new TaskSettings(), 7, withLanguageHead: true))
        {
            model.Save(folder.Path);
        }

        using TaskModel first = TaskModel.Create(folder.Path, new TaskSettings { Task = "clone-detection", CloneHead = "pair" }, seed: 1);
        using TaskModel second = TaskModel.Create(folder.Path, new TaskSettings { Task = "clone-detection", CloneHead = "pair" }, seed: 2);
        foreach ((Parameter a, Parameter b) in first.Parameters.Parameters.Zip(second.Parameters.Parameters))
        {
            Assert.Equal(a.Name.StartsWith("roberta.", StringComparison.Ordinal) || a.Shape.Count == 1, a.Values.SequenceEqual(b.Values));
        }

        // The base's own line head is taken over: it has been pre-trained.
        using TaskModel faults = TaskModel.Create(folder.Path, new TaskSettings { Task = "fault-localization" }, seed: 2);
        using TaskModel loaded = TaskModel.Load(folder.Path);
        Assert.True(faults.Parameters.Find("line_head.dense.weight")!.Values.SequenceEqual(loaded.Parameters.Find("line_head.dense.weight")!.Values));
    }

    [Fact]
    public void CreateRandom_TokenizerLargerThanVocabulary_IsRefused()
    {
        RobertaConfig config = Samples.Config(16, 1);
        config.VocabularySize = 100;
        string message = Assert.Throws<TrainingException>(() => TaskModel.CreateRandom(config, Samples.Tokenizer, new TaskSettings(), 1)).Message;
        Assert.Contains("100", message);
        Assert.Contains($"{Samples.Tokenizer.VocabularySize}", message);
    }

    private static double[] Predictions(TaskModel model)
    {
        using Workers workers = new(1);
        string[] texts = [.. Enumerable.Range(0, 5).Select(i => Samples.Function(i, 2).Code)];
        return model.LineHead is null
            ? CloneDetector.Predict(model, [.. texts.Zip(texts.Reverse())], workers)
            : [.. FaultLocalizer.Predict(model, texts.Select(text => (text, Language.CSharp)), workers).SelectMany(scores => scores.Lines.Append(scores.FaultProbability))];
    }
}
