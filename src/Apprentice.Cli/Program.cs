Console.WriteLine("apprentice");
