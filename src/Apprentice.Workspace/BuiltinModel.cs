namespace Apprentice.Workspace;

/// <summary>The base model that comes with the program.</summary>
public static class BuiltinModel
{
    /// <summary>Its folder: models/base beside the program.</summary>
    /// <exception cref="RecipeException">The installation is incomplete.</exception>
    public static string Folder
    {
        get
        {
            string folder = Path.Combine(AppContext.BaseDirectory, "models", "base");
            return File.Exists(Path.Combine(folder, "model.safetensors"))
                ? folder
                : throw new RecipeException($"The built-in model is not at {folder}. Was the program copied without its models folder?");
        }
    }

    /// <summary>A model folder by name: <c>builtin</c> or a path.</summary>
    /// <param name="name">What the user gave.</param>
    /// <exception cref="RecipeException">There is no model at that path.</exception>
    public static string Resolve(string name)
    {
        if (name == "builtin")
        {
            return Folder;
        }

        return File.Exists(Path.Combine(name, "config.json"))
            ? name
            : throw new RecipeException($"'{name}' is no model folder: it has no config.json. Give 'builtin' or a folder that 'apprentice train' wrote.");
    }
}
